/**
 * Whom an address belongs to, as far as counting goes: an IPv6 customer has a whole /64 to come from, and an IPv4 address written as IPv6, with a port or with a
 * zone is that address. What is no address at all is taken as it is.
 */
import { isIPv4, isIPv6 } from 'node:net';

const LONGEST = 64;

export function network(ip: string): string {
  const bare = bareAddress(ip.slice(0, LONGEST));
  if (!isIPv6(bare)) return bare;
  const groups = groupsOf(bare);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** Some proxies write `203.0.113.7:4711`, `[2001:db8::1]:443` or `fe80::1%eth0`. */
function bareAddress(text: string): string {
  const inBrackets = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text;
  const withoutPort = /^([\d.]+):\d+$/.exec(inBrackets)?.[1] ?? inBrackets;
  return withoutPort.replace(/%.*$/, '').toLowerCase();
}

/** The eight numbers of a valid IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const [left, right] = [numbersOf(head), numbersOf(tail ?? '')];
  const middle = Array<number>(tail === undefined ? 0 : 8 - left.length - right.length).fill(0);
  return [...left, ...middle, ...right];
}

function numbersOf(text: string): readonly number[] {
  return text.split(':').flatMap((group) => {
    if (group === '') return [];
    if (!isIPv4(group)) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
