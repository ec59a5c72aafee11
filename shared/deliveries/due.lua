-- Takes the first in line of each endpoint that may be asked again, the longest due ones first, and looks at it again later;
-- a line that is empty is looked at no more. Who is taken stands behind all others of its line until it is awake, so that it is
-- not forgotten when whoever wakes it dies. Answers id and endpoint of each.
-- KEYS: prefix, lines to look at. ARGV: now, most, when to look again, how far behind.
local call, taken, behind = redis.call, {}, tonumber(ARGV[4])
for _, webhook in ipairs(call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  local line = KEYS[1] .. 'line:' .. webhook
  local id, place = unpack(call('ZRANGE', line, 0, 0, 'WITHSCORES'))
  if id then
    call('ZADD', KEYS[2], ARGV[3], webhook)
    if tonumber(place) < behind then call('ZINCRBY', line, ARGV[4], id) end
    taken[#taken + 1] = id
    taken[#taken + 1] = webhook
  else
    call('ZREM', KEYS[2], webhook)
  end
end
return taken
