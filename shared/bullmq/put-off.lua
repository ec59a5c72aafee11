-- Makes waiting jobs of one queue delayed until a time, each just as BullMQ's own script would a running one (put-off.test.ts compares
-- them), and marks what they wait for. Answers for each: 1 it is delayed now, 0 it does not wait so near the front.
-- KEYS: prefix, wait, delayed, events, marker. ARGV: now, until, mark without its end, how far from the front, then ids.
local call = redis.call
local now, till = tonumber(ARGV[1]), tonumber(ARGV[2])
local near, answers, moved = {}, {}, false
for _, id in ipairs(call('LRANGE', KEYS[2], -tonumber(ARGV[4]), -1)) do near[id] = true end
local score, last = till * 0x1000, (till + 1) * 0x1000 - 1
local top = call('ZREVRANGEBYSCORE', KEYS[3], last, score, 'WITHSCORES', 'LIMIT', 0, 1)[2]
if top then score = tonumber(top) + 1 end
for at = 5, #ARGV do
  local id, answer = ARGV[at], 0
  -- The front of the list is its end, from which it is searched: no search goes further than asked.
  local job = KEYS[1] .. id
  if near[id] and call('EXISTS', job) == 1 and call('LREM', KEYS[2], -1, id) == 1 then
    local starts = call('HGET', job, 'ats') or '0'
    call('HSET', job, 'delay', till - now, 'k1nPark', ARGV[3] .. ',"ats":' .. starts .. '}')
    call('ZADD', KEYS[3], math.min(score, last), id)
    call('XADD', KEYS[4], '*', 'event', 'delayed', 'jobId', id, 'delay', ARGV[2])
    score, answer, moved = score + 1, 1, true
  end
  answers[at - 4] = answer
end
if moved then
  local first = call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
  call('ZADD', KEYS[5], tonumber(first) / 0x1000, '1')
end
return answers
