/**
 * The log of all owners, in one hash slot: `:rows`, a HASH of id → JSON, and ZSETs that are its indexes: `:all`, `:bumps`,
 * `:owner:<owner>` and `:type:<type>`. All their scores are 0, so that they are ordered by their members: the time in 16 letters, then
 * the id. A page then begins exactly after the last row of the one before, however many rows share a millisecond and even
 * when that row is gone. The rows stay until `sweep` or `forget` takes them.
 */
export const APPEND_ROW = `
local function append_row(log, id, json, member, indexes)
  if redis.call('HSETNX', log .. ':rows', id, json) == 0 then return end
  for _, index in ipairs(indexes) do redis.call('ZADD', log .. ':' .. index, 0, member) end
end
`;

/** Keys: the log. Arguments: a list of `{ id, member, indexes }`, then the JSON of each. */
export const APPEND = `${APPEND_ROW}
for number, row in ipairs(cjson.decode(ARGV[1])) do
  append_row(KEYS[1], row.id, ARGV[number + 1], row.member, row.indexes)
end
`;

/** Keys: the log. Arguments: index, first, last, how many, `asc` or `desc`. Answers member, JSON, member, JSON... */
export const PAGE = `
local command = ARGV[5] == 'asc' and 'ZRANGEBYLEX' or 'ZREVRANGEBYLEX'
local found = {}
for _, member in ipairs(redis.call(command, KEYS[1] .. ':' .. ARGV[1], ARGV[2], ARGV[3], 'LIMIT', 0, ARGV[4])) do
  found[#found + 1] = member
  found[#found + 1] = redis.call('HGET', KEYS[1] .. ':rows', string.sub(member, 17)) or ''
end
return found
`;

/** Keys: the log. Arguments: a list of `{ id, member, indexes }`. Answers how many rows went. */
export const REMOVE = `
local removed = 0
for _, row in ipairs(cjson.decode(ARGV[1])) do
  -- A row of this id that came back with another time meanwhile has another member, and stays.
  if redis.call('ZSCORE', KEYS[1] .. ':all', row.member) then
    removed = removed + redis.call('HDEL', KEYS[1] .. ':rows', row.id)
    for _, index in ipairs(row.indexes) do redis.call('ZREM', KEYS[1] .. ':' .. index, row.member) end
  end
end
return removed
`;

/** Keys: the log. Fails where the server cannot write: a replica, a full memory, a disk that refuses. */
export const PING = `redis.call('SET', KEYS[1] .. ':ping', 1, 'PX', 1000)`;
