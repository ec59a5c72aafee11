-- Takes the first in line of each endpoint that may be asked again, the longest due ones first, and looks at it again later;
-- a line that is empty is looked at no more. Of endpoints that have not answered well only so many are taken; the others are put
-- off, so that they stand in the way of nobody. Who is taken stands behind all others of its line until it is awake, so that it is not
-- forgotten when whoever wakes it dies. Answers id and endpoint of each.
-- KEYS: prefix, lines to look at. ARGV: now, most, most of those that have not answered well, when to look again, when to look at those
-- again that are put off, how far behind, most to look at.
local call, taken, most, room, behind = redis.call, {}, tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[6])
local function take(webhook, line, id, place)
  call('ZADD', KEYS[2], ARGV[4], webhook)
  if tonumber(place) < behind then call('ZINCRBY', line, ARGV[6], id) end
  taken[#taken + 1] = id
  taken[#taken + 1] = webhook
end
for _, webhook in ipairs(call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[7])) do
  local line = KEYS[1] .. 'line:' .. webhook
  local id, place = unpack(call('ZRANGE', line, 0, 0, 'WITHSCORES'))
  if not id then call('ZREM', KEYS[2], webhook)
  else
    local failures, ok = unpack(call('HMGET', KEYS[1] .. 'state:' .. webhook, 'failures', 'ok'))
    local isSuspect = not ok or failures ~= '0'
    if isSuspect and room <= 0 then call('ZADD', KEYS[2], ARGV[5], webhook)
    elseif #taken < 2 * most then
      if isSuspect then room = room - 1 end
      take(webhook, line, id, place)
    end
  end
end
return taken
