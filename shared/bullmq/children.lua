-- Decides which children of a parent are still awaited and which of those have failed, looking at a bounded number of them.
-- KEYS: dependencies processed failed unsuccessful
-- ARGV: prefix of all queues with its colon, how many children to look at, how many to name
-- Answers: awaited, ended, failed without ending the wait, looked at, failed found, then <key, state> for each that is named.
local prefix, most, name = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local awaited = redis.call('SCARD', KEYS[1])
local members = awaited <= most and redis.call('SMEMBERS', KEYS[1]) or redis.call('SRANDMEMBER', KEYS[1], most)

local function failed(key)
  if string.sub(key, 1, #prefix) ~= prefix then return false end
  local queue, id = string.match(string.sub(key, #prefix + 1), '^([^:]*):(.+)$')
  return queue and type(redis.pcall('ZSCORE', prefix .. queue .. ':failed', id)) == 'string'
end

local dead, others = {}, {}
for _, key in ipairs(members) do
  if failed(key) then dead[#dead + 1] = key elseif #others < name then others[#others + 1] = key end
end
local rows = {
  awaited, redis.call('HLEN', KEYS[2]), redis.call('HLEN', KEYS[3]) + redis.call('ZCARD', KEYS[4]), #members, #dead
}
for i = 1, math.min(#dead, name) do
  rows[#rows + 1] = dead[i]
  rows[#rows + 1] = 'failed'
end
for i = 1, math.min(#others, name - math.min(#dead, name)) do
  rows[#rows + 1] = others[i]
  rows[#rows + 1] = 'awaited'
end
return rows
