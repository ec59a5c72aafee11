-- Forgets the oldest of the deliveries that have ended: those that are too old, and those beyond so many. Answers how many went.
-- Of each endpoint it keeps the latest place in time of those that are forgotten: nobody knows what was sent until then.
-- KEYS: prefix. ARGV: made before, how many stay, most of them, how long such a place is kept in ms.
local call, prefix, most = redis.call, KEYS[1], tonumber(ARGV[3])
local old = call('ZCOUNT', prefix .. 'ended', '-inf', ARGV[1])
local count = math.min(most, math.max(old, call('ZCARD', prefix .. 'ended') - ARGV[2]))
local gone = count > 0 and call('ZPOPMIN', prefix .. 'ended', count) or {}
for at = 1, #gone, 2 do
  local id = gone[at]
  local key = prefix .. 'd:' .. id
  local webhook, place = unpack(call('HMGET', key, 'w', 'p'))
  if webhook then
    call('ZREM', prefix .. 'of:' .. webhook, id)
    call('ZREM', prefix .. 'lost:' .. webhook, id)
    local forgotten = prefix .. 'forgotten:' .. webhook
    if tonumber(place) >= tonumber(call('GET', forgotten) or 0) then call('SET', forgotten, place, 'PX', ARGV[4]) end
  end
  call('DEL', key)
end
return #gone / 2
