-- Puts deliveries into the lines of their endpoints, and sees to it that somebody looks there.
-- KEYS: prefix, lines to look at. ARGV: for each: id, webhook, when to look.
for at = 1, #ARGV, 3 do
  local id, webhook = ARGV[at], ARGV[at + 1]
  local place = redis.call('HGET', KEYS[1] .. 'd:' .. id, 'p') or 0
  redis.call('ZADD', KEYS[1] .. 'line:' .. webhook, place, id)
  redis.call('ZADD', KEYS[2], 'LT', ARGV[at + 2], webhook)
end
return 1
