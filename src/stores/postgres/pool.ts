/** The part of `pg`'s `Pool` (8.11 and later) that is used. A `Pool` fits as it is. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
}

/** A connection that was taken out of the pool. */
export interface PostgresClient extends PostgresQueryable {
  // A connection that breaks while it is out of the pool has nobody else to tell, and would end the process.
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  /** Gives it back; with `true`, the pool throws it away. */
  release(destroy?: boolean): void;
}

export interface PostgresQueryable {
  query(query: PostgresQuery): Promise<PostgresResult>;
}

export interface PostgresQuery {
  text: string;
  values?: unknown[];
  /** Milliseconds after which `pg` gives up and closes the connection. */
  query_timeout?: number;
}

export interface PostgresResult {
  readonly rows: readonly Row[];
}

export type Row = Readonly<Record<string, unknown>>;
