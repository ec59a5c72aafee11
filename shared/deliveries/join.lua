-- Puts deliveries into the lines of their endpoints, and sees to it that somebody looks there: at once where that is asked for and
-- the endpoint has answered by now, as whoever answered before they stood here saw nobody to wake. Who has ended joins no line.
-- KEYS: prefix, lines to look at. ARGV: now, then for each: id, webhook, when to look, 1 to look at once where it answers.
for at = 2, #ARGV, 4 do
  local id, webhook, look = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local place = redis.call('HGET', KEYS[1] .. 'd:' .. id, 'p') or 0
  if redis.call('ZSCORE', KEYS[1] .. 'open:' .. webhook, id) then
    redis.call('ZADD', KEYS[1] .. 'line:' .. webhook, place, id)
  end
  if ARGV[at + 3] == '1' then
    local failures, ok, rest = unpack(redis.call('HMGET', KEYS[1] .. 'state:' .. webhook, 'failures', 'ok', 'rest'))
    if ok and failures == '0' and not rest then look = ARGV[1] end
  end
  redis.call('ZADD', KEYS[2], 'LT', look, webhook)
end
return 1
