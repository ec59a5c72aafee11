-- Tells what a service has used of its budget, and changes nothing. KEYS: what was taken; the throttle.
-- ARGV: now (-1: Redis tells), per ms.
-- Answers now, until when it is throttled, when the first and the last of it is free again, then each sort and its units.
local now, per = tonumber(ARGV[1]), tonumber(ARGV[2])
if now < 0 then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local packed = redis.call('GET', KEYS[1])
local state = packed and cmsgpack.unpack(packed) or { uses = {}, loans = {} }
local first, last, sums = 0, 0, {}
for _, log in ipairs({ state.uses, state.loans }) do
  for sort, uses in pairs(log) do
    for i = 1, #uses, 2 do
      if uses[i] >= now - per and uses[i + 1] > 0 then
        local free = uses[i] + per + 1
        sums[sort] = (sums[sort] or 0) + uses[i + 1]
        first = first == 0 and free or math.min(first, free)
        last = math.max(last, free)
      end
    end
  end
end
local answer = { now, tonumber(redis.call('GET', KEYS[2]) or 0), first, last }
for sort, sum in pairs(sums) do
  answer[#answer + 1] = sort
  answer[#answer + 1] = sum
end
return answer
