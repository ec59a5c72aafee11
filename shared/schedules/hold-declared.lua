-- Decides whose schedules hold while several versions of the code run: of the sets that living processes declare, the one that
-- was first seen last. An older one comes to hold again only when it has been there for as long as the others are believed to live.
-- KEYS: seen, alive, begun. ARGV: set, time in ms (-1: that of Redis), ms a process is believed to live, most sets remembered.
-- Answers the set that holds; '' for none.
local call, set, now, life = redis.call, ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if now < 0 then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - life)
if not call('ZSCORE', KEYS[2], set) then call('ZADD', KEYS[3], now, set) end
call('ZADD', KEYS[2], now, set)
call('ZINTERSTORE', KEYS[3], 2, KEYS[3], KEYS[2], 'WEIGHTS', 1, 0)
if not call('ZSCORE', KEYS[1], set) then
  local last = call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  call('ZADD', KEYS[1], tonumber(last[2] or 0) + 1, set)
  call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[4] - 1)
end
local holder, place = '', -1
for _, each in ipairs(call('ZRANGE', KEYS[2], 0, -1)) do
  local own = tonumber(call('ZSCORE', KEYS[1], each) or 0)
  if own > place then holder, place = each, own end
end
if holder == call('ZREVRANGE', KEYS[1], 0, 0)[1] then return holder end
return tonumber(call('ZSCORE', KEYS[3], holder)) <= now - life and holder or ''
