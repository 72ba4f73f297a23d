import { CLOCK } from './lua-clock.js';
import { COUNTING } from './lua-counting.js';
import { APPEND_ROW } from './lua-log.js';
import { SHELF } from './lua-shelf.js';

/**
 * `core/apply-commit.ts` once more, for the server. Keys: the owner, and the log unless that is in another slot. Arguments: the
 * step (`commit.ts` says how it is written down), then the texts it points at. Data are texts that are never decoded here: cjson
 * would round numbers and mistake empty lists for empty objects.
 *
 * Answers `1, now, removed, counts, reads, outbox` or `0, now, reason, index, retryAt`; numbers are texts, or they would be cut
 * to whole ones.
 */
export const COMMIT = `
local step = cjson.decode(ARGV[1])
${CLOCK}${COUNTING}${SHELF}${APPEND_ROW}
local function holds(condition, entry)
  if condition == nil then return true end
  if condition == 'absent' then return entry == nil end
  if condition == 'present' then return entry ~= nil end
  if condition.version then return entry ~= nil and entry.version == condition.version end
  return (entry and entry.mark or 0) == condition.mark
end

local function live_ids(kind)
  local ids = {}
  for id, slot in pairs(slots_of(kind)) do
    if slot.entry then ids[#ids + 1] = id end
  end
  return ids
end

local writes = {}

function writes.check(write)
  return holds(write['if'], slot_of(write.kind, write.id).entry)
end

function writes.put(write)
  local before = slot_of(write.kind, write.id).entry
  if not holds(write['if'], before) then return false end
  if write.atMost and #live_ids(write.kind) + (before and 0 or 1) > write.atMost then return false end
  set_entry(write.kind, write.id, {
    version = (before and before.version or 0) + 1, mark = before and before.mark or 0,
    created_at = before and before.created_at or now, expires_at = write.ttlMs and now + write.ttlMs, data = ARGV[write.text],
  })
  return true
end

function writes.delete(write)
  if write.id then
    if not holds(write['if'], slot_of(write.kind, write.id).entry) then return false end
    set_entry(write.kind, write.id, nil)
    return true
  end
  local ids = live_ids(write.kind)
  if not holds(write['if'], ids[1]) then return false end
  for _, id in ipairs(ids) do set_entry(write.kind, id, nil) end
  return true
end

local function marked(entry, mark)
  return {
    version = entry.version, mark = mark, created_at = entry.created_at, expires_at = entry.expires_at, data = entry.data,
  }
end

function writes.raise(write)
  local entry = slot_of(write.kind, write.id).entry
  -- What is not a number arrives as null.
  if not entry or type(write.to) ~= 'number' or write.to <= entry.mark then return false end
  set_entry(write.kind, write.id, marked(entry, write.to))
  return true
end

function writes.bump(write)
  local entry = slot_of(write.kind, write.id).entry or { version = 1, mark = 0, created_at = now, data = 'null' }
  set_entry(write.kind, write.id, marked(entry, entry.mark + 1))
  return true
end

local function write_counters(write)
  if write['do'] == 'clear' then
    for key in pairs(all_counters()) do
      if string.sub(key, 1, #write.prefix) == write.prefix then set_counter(key, nil) end
    end
    return
  end
  local counter = counter_slot(write.key).counter
  if not counter then return end
  set_counter(write.key, write['do'] == 'settle' and settle(counter, write.upTo) or refund(counter, write.hit))
end

local function text_of_end(at) return at and digits(at) or '' end

-- The refusal, or nil and the counts.
local function plan()
  for index, write in ipairs(step.writes) do
    if not writes[write['do']](write) then return { 0, digits(now), 'condition', index - 1, '' } end
  end
  for _, write in ipairs(step.counters) do write_counters(write) end
  local counts = {}
  for index, hit in ipairs(step.hits) do
    local counter, count = admit(counter_slot(hit.key).counter, hit)
    if not counter then return { 0, digits(now), 'limit', index - 1, text_of_end(count) } end
    if not hit.peek then set_counter(hit.key, counter) end
    counts[index] = { digits(counter.total), digits(count), text_of_end(counter.reset_at) }
  end
  return nil, counts
end

local function read(ref)
  local found = {}
  local slots = ref.id and { [ref.id] = slot_of(ref.kind, ref.id) } or slots_of(ref.kind)
  for id, slot in pairs(slots) do
    if slot.entry then
      found[#found + 1] = id
      found[#found + 1] = text_of_entry(slot.entry)
    end
  end
  return found
end

local function write_log()
  for _, row in ipairs(step.log) do
    if KEYS[2] then
      append_row(KEYS[2], row.id, ARGV[row.text], row.member, row.indexes)
    else
      redis.call('HSETNX', base .. ':l', row.id, ARGV[row.text])
    end
  end
end

-- Some of what waits for the log: what this commit wrote, and what was left behind when somebody could not move it.
local function outbox()
  if KEYS[2] or not step.prune then return {} end
  return redis.call('HSCAN', base .. ':l', 0, 'COUNT', 100)[2]
end

local removed = step.prune and prune(step.prune) or 0
local refusal, counts = plan()
if refusal then return refusal end
local reads = {}
for index, ref in ipairs(step.reads) do reads[index] = read(ref) end
if step.prune then
  write_shelf()
  write_log()
  if #step.writes + #step.counters + #step.hits > 0 then remember_time() end
end
return { 1, digits(now), removed, counts, reads, outbox() }
`;

/** Keys: the owner. Deletes all its keys but the outbox, whose rows may be other owners'. */
export const FORGET = `
local base = KEYS[1]
for _, kind in ipairs(redis.call('SMEMBERS', base .. ':k')) do redis.call('DEL', base .. ':r:' .. kind) end
for _, member in ipairs(redis.call('ZRANGE', base .. ':e', 0, -1)) do
  local length, start = string.match(member, '^t(%d+):()')
  if length then redis.call('DEL', base .. ':t:' .. string.sub(member, start, start + length - 1)) end
end
for _, letter in ipairs({ 'w', 'n', 'e', 'k', 'c' }) do redis.call('DEL', base .. ':' .. letter) end
`;

/** Keys: the owner. Arguments: ids of rows that are in the log now. */
export const TAKE = `return redis.call('HDEL', KEYS[1] .. ':l', unpack(ARGV))`;
