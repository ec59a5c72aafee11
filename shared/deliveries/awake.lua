-- Takes deliveries that are awake out of the lines of their endpoints; one that has joined its line anew meanwhile stays.
-- KEYS: prefix. ARGV: how far behind those stand that are taken, then for each: id, webhook.
for at = 2, #ARGV, 2 do
  local line = KEYS[1] .. 'line:' .. ARGV[at + 1]
  local place = redis.call('ZSCORE', line, ARGV[at])
  if place and tonumber(place) >= tonumber(ARGV[1]) then redis.call('ZREM', line, ARGV[at]) end
end
return 1
