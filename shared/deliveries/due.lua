-- Takes the first in line of each endpoint that may be asked again, the longest due ones first, and looks at it again later;
-- a line that is empty is looked at no more. Of endpoints that have not answered well only so many are taken, fewer still of
-- those that fail; the others are put off, so that they stand in the way of nobody. Who is taken stands behind all others of
-- its line until it is awake, so that it is not forgotten when whoever wakes it dies. Answers id and endpoint of each.
-- KEYS: prefix, lines to look at. ARGV: now, most, most of those that have not answered well, most of those that fail, when to look
-- again, when to look at those again that are put off, how far behind, most to look at.
local call, taken, most, behind = redis.call, {}, tonumber(ARGV[2]), tonumber(ARGV[7])
local suspects, failing = tonumber(ARGV[3]), tonumber(ARGV[4])
local function take(webhook, line, id, place)
  call('ZADD', KEYS[2], ARGV[5], webhook)
  if tonumber(place) < behind then call('ZINCRBY', line, ARGV[7], id) end
  taken[#taken + 1] = id
  taken[#taken + 1] = webhook
end
-- Whether there is room for one that fares so; it is taken then.
local function mayGo(failures, ok)
  local fails = failures and failures ~= '0'
  if ok and not fails then return true end
  if suspects <= 0 or fails and failing <= 0 then return false end
  suspects, failing = suspects - 1, failing - 1
  return true
end
for _, webhook in ipairs(call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[8])) do
  local line = KEYS[1] .. 'line:' .. webhook
  local id, place = unpack(call('ZRANGE', line, 0, 0, 'WITHSCORES'))
  if not id then call('ZREM', KEYS[2], webhook)
  elseif #taken >= 2 * most then return taken
  elseif mayGo(unpack(call('HMGET', KEYS[1] .. 'state:' .. webhook, 'failures', 'ok'))) then take(webhook, line, id, place)
  else call('ZADD', KEYS[2], ARGV[6], webhook) end
end
return taken
