/**
 * `core/counting.ts` once more, for the server: what a counter is and how it moves is explained there, and the tests play the same
 * games against both. Needs `now`, milliseconds since 1970.
 */
export const COUNTING = `
local NUMBERS_PER_MS = 1000
local SPENT_FOR_MS = 3600000

-- Not tostring, which has 14 digits and would round the numbers of hits.
local function digits(number)
  return string.format('%.17g', number)
end

local function counter_of(text)
  local total, floor, last_at, before_at, reset_at, spans = string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
  local refunded = {}
  for first, last in string.gmatch(spans, '(%d+)-(%d+)') do
    refunded[#refunded + 1] = { tonumber(first), tonumber(last) }
  end
  return {
    total = tonumber(total), floor = tonumber(floor), refunded = refunded,
    last_at = tonumber(last_at), before_at = tonumber(before_at), reset_at = tonumber(reset_at),
  }
end

local function text_of_counter(counter)
  local spans = {}
  for index, span in ipairs(counter.refunded) do
    spans[index] = digits(span[1]) .. '-' .. digits(span[2])
  end
  local ends = counter.reset_at and digits(counter.reset_at) or '-'
  return table.concat({
    digits(counter.total), digits(counter.floor), digits(counter.last_at), digits(counter.before_at), ends,
    table.concat(spans, ','),
  }, ' ')
end

local function changed(counter, changes)
  local copy = {}
  for name, value in pairs(counter) do copy[name] = value end
  for name, value in pairs(changes) do copy[name] = value end
  return copy
end

local function count_of(counter)
  local count = counter.total - counter.floor
  for _, span in ipairs(counter.refunded) do count = count - (span[2] - span[1] + 1) end
  return count
end

local function fresh(hit)
  local floor = now * NUMBERS_PER_MS
  return {
    total = floor, floor = floor, refunded = {}, last_at = now, before_at = now,
    reset_at = hit.windowMs and now + hit.windowMs,
  }
end

-- The counter and how many hits count; or nil and when to try again.
local function admit(known, hit)
  local counter = known or fresh(hit)
  local count = count_of(counter)
  if count >= hit.limit then return nil, known and known.reset_at end
  local wait = count > 0 and hit.waits and hit.waits[digits(count)]
  local opens_at = wait and counter.last_at + wait or now
  if opens_at > now then return nil, math.min(opens_at, counter.reset_at or opens_at) end
  if hit.peek then return counter, count end
  local moved = changed(counter, { total = counter.total + 1, last_at = now, before_at = counter.last_at })
  -- A spent counter without a window only had an end so that it could be swept up; it is in use again.
  if count == 0 and not hit.windowMs then moved.reset_at = nil end
  return moved, count + 1
end

local function absorb(counter)
  local floor, refunded = counter.floor, {}
  for _, span in ipairs(counter.refunded) do
    if span[1] <= floor + 1 then floor = math.max(floor, span[2]) else refunded[#refunded + 1] = span end
  end
  return changed(counter, { floor = floor, refunded = refunded })
end

local function spent_ends(counter)
  if counter.reset_at or count_of(counter) > 0 then return counter end
  return changed(counter, { reset_at = now + SPENT_FOR_MS })
end

local function settle(counter, up_to)
  local floor = math.min(math.max(counter.floor, up_to), counter.total)
  return spent_ends(absorb(changed(counter, { floor = floor })))
end

local function join(spans)
  table.sort(spans, function(a, b) return a[1] < b[1] end)
  local joined = {}
  for _, span in ipairs(spans) do
    local before = joined[#joined]
    if before and before[2] + 1 == span[1] then joined[#joined] = { before[1], span[2] } else joined[#joined + 1] = span end
  end
  return joined
end

local function refund(counter, hit)
  if hit <= counter.floor or hit > counter.total then return counter end
  local spans = { { hit, hit } }
  for _, span in ipairs(counter.refunded) do
    if span[1] <= hit and hit <= span[2] then return counter end
    spans[#spans + 1] = span
  end
  -- Whoever meets an outage right after a pause has not to sit the pause out again.
  local last_at = hit == counter.total and counter.before_at or counter.last_at
  return spent_ends(absorb(changed(counter, { refunded = join(spans), last_at = last_at })))
end
`;
