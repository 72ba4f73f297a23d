/**
 * What one owner has, as the script sees it: everything is read through here and changed only in the script's memory, until
 * `write_shelf` writes it down. A script that stops half-way (Lua has no roll-back) has changed nothing that way.
 *
 * The keys of an owner, all in one hash slot by the tag in their common beginning:
 *
 * - `:t:<kind>`, `:r:<kind>`: HASH of id → `version mark createdAt expiresAt data`; `t` those that expire, `r` those that stay.
 *   Two hashes and not one, so that a key with a time to live never holds something that must stay, and one without never
 *   something that goes.
 * - `:w`, `:n`: HASH of counters, with and without an end.
 * - `:e`: ZSET of what ends when. Redis 7.0 has no time to live for a field, so each commit clears a few away.
 * - `:k`: SET of the kinds under `:r:`, so that `forget` finds them.
 * - `:c`: the latest time a commit has seen.
 * - `:l`: on a cluster, HASH of log rows that are not in the log yet.
 */
export const SHELF = `
local shelves, counters = {}, {}
local has_all_counters = false

local function entry_of(text)
  local version, mark, created_at, expires_at, data = string.match(text, '^(%S+) (%S+) (%S+) (%S+) (.*)$')
  return {
    version = tonumber(version), mark = tonumber(mark), created_at = tonumber(created_at),
    expires_at = tonumber(expires_at), data = data,
  }
end

local function text_of_entry(entry)
  local ends = entry.expires_at and digits(entry.expires_at) or '-'
  return table.concat({ digits(entry.version), digits(entry.mark), digits(entry.created_at), ends, entry.data }, ' ')
end

local function records_key(letter, kind) return base .. ':' .. letter .. ':' .. kind end

local function keep_entry(shelf, id, text, key)
  local entry = entry_of(text)
  if entry.expires_at and entry.expires_at <= now then entry = nil end
  shelf.slots[id] = { entry = entry, key = key }
end

local function shelf_of(kind)
  shelves[kind] = shelves[kind] or { slots = {} }
  return shelves[kind]
end

local function slot_of(kind, id)
  local shelf = shelf_of(kind)
  if shelf.slots[id] then return shelf.slots[id] end
  shelf.slots[id] = {}
  if shelf.is_whole then return shelf.slots[id] end
  for _, letter in ipairs({ 't', 'r' }) do
    local key = records_key(letter, kind)
    local text = redis.call('HGET', key, id)
    if text then keep_entry(shelf, id, text, key) end
  end
  return shelf.slots[id]
end

local function slots_of(kind)
  local shelf = shelf_of(kind)
  if shelf.is_whole then return shelf.slots end
  for _, letter in ipairs({ 't', 'r' }) do
    local key = records_key(letter, kind)
    local fields = redis.call('HGETALL', key)
    for index = 1, #fields, 2 do
      if not shelf.slots[fields[index]] then keep_entry(shelf, fields[index], fields[index + 1], key) end
    end
  end
  shelf.is_whole = true
  return shelf.slots
end

local function set_entry(kind, id, entry)
  local slot = slot_of(kind, id)
  slot.entry = entry
  slot.is_dirty = true
end

local function keep_counter(key, text, at)
  local counter = counter_of(text)
  if counter.reset_at and counter.reset_at <= now then counter = nil end
  counters[key] = { counter = counter, key = at }
end

local function counter_slot(key)
  if counters[key] then return counters[key] end
  counters[key] = {}
  if has_all_counters then return counters[key] end
  for _, letter in ipairs({ 'w', 'n' }) do
    local text = redis.call('HGET', base .. ':' .. letter, key)
    if text then keep_counter(key, text, base .. ':' .. letter) end
  end
  return counters[key]
end

local function all_counters()
  for _, letter in ipairs(has_all_counters and {} or { 'w', 'n' }) do
    local fields = redis.call('HGETALL', base .. ':' .. letter)
    for index = 1, #fields, 2 do
      if not counters[fields[index]] then keep_counter(fields[index], fields[index + 1], base .. ':' .. letter) end
    end
  end
  has_all_counters = true
  return counters
end

local function set_counter(key, counter)
  local slot = counter_slot(key)
  slot.counter = counter
  slot.is_dirty = true
end

-- A member of ':e' names a record ('t', length of the kind, kind, id) or a counter ('w', key).
local function hash_and_field(member)
  if string.sub(member, 1, 1) == 'w' then return base .. ':w', string.sub(member, 2) end
  local length, start = string.match(member, '^t(%d+):()')
  return records_key('t', string.sub(member, start, start + length - 1)), string.sub(member, start + length)
end

-- Clears away what has expired, at most so many; how many.
local function prune(at_most)
  local removed = 0
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', base .. ':e', '-inf', digits(now), 'LIMIT', 0, at_most)) do
    local key, field = hash_and_field(member)
    removed = removed + redis.call('HDEL', key, field)
    redis.call('ZREM', base .. ':e', member)
  end
  return removed
end

-- The end of a key only ever moves away: it is that of the last of its fields.
local function live_until(key, at)
  if redis.call('PTTL', key) + wall < at then redis.call('PEXPIREAT', key, string.format('%.0f', math.ceil(at))) end
end

local function write_field(field, member, from, to, text, ends_at)
  if from and from ~= to then
    redis.call('HDEL', from, field)
    redis.call('ZREM', base .. ':e', member)
  end
  if not text then return end
  redis.call('HSET', to, field, text)
  if not ends_at then return end
  redis.call('ZADD', base .. ':e', digits(ends_at), member)
  live_until(to, ends_at)
  live_until(base .. ':e', ends_at)
end

local function write_entry(kind, id, slot)
  local entry, stays = slot.entry, records_key('r', kind)
  local to = entry and (entry.expires_at and records_key('t', kind) or stays)
  local text = entry and text_of_entry(entry)
  write_field(id, 't' .. #kind .. ':' .. kind .. id, slot.key, to, text, entry and entry.expires_at)
  if to == stays then redis.call('SADD', base .. ':k', kind) end
  if to ~= stays and slot.key == stays and redis.call('EXISTS', stays) == 0 then redis.call('SREM', base .. ':k', kind) end
end

local function write_counter(key, slot)
  local counter = slot.counter
  local to = counter and base .. (counter.reset_at and ':w' or ':n')
  write_field(key, 'w' .. key, slot.key, to, counter and text_of_counter(counter), counter and counter.reset_at)
end

local function write_shelf()
  for kind, shelf in pairs(shelves) do
    for id, slot in pairs(shelf.slots) do
      if slot.is_dirty then write_entry(kind, id, slot) end
    end
  end
  for key, slot in pairs(counters) do
    if slot.is_dirty then write_counter(key, slot) end
  end
end

local function remember_time()
  if now > seen then redis.call('SET', base .. ':c', digits(now), 'PX', LARGEST_STEP_BACK_MS) end
end
`;
