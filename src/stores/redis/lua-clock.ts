/**
 * The time, from the server, so that processes whose clocks differ agree on what has expired. As `core/steady-clock.ts`: what a
 * commit or the caller has seen expire does not come to life when the clock is set back a little. `step.seen` is what the caller
 * was told last; reads leave nothing behind in the server.
 */
export const CLOCK = `
local base = KEYS[1]
local LARGEST_STEP_BACK_MS = 3600000

local function wall_clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local wall = wall_clock()
local seen = tonumber(redis.call('GET', base .. ':c') or 0)

local function not_before(time)
  return (time > wall and time - wall <= LARGEST_STEP_BACK_MS) and time or wall
end

local now = math.max(not_before(seen), not_before(step.seen))
`;
