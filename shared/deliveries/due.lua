-- Takes the first in line of each endpoint that may be asked again, the longest due ones first, and looks at it again later;
-- a line that is empty is looked at no more. Answers id and endpoint of each.
-- KEYS: prefix, lines to look at. ARGV: now, most, when to look again.
local taken = {}
for _, webhook in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  local id = redis.call('ZPOPMIN', KEYS[1] .. 'line:' .. webhook)[1]
  if id then
    redis.call('ZADD', KEYS[2], ARGV[3], webhook)
    taken[#taken + 1] = id
    taken[#taken + 1] = webhook
  else
    redis.call('ZREM', KEYS[2], webhook)
  end
end
return taken
