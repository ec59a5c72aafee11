-- Forgets the oldest of the deliveries that have ended: those that are too old, and those beyond so many. Answers how many went.
-- KEYS: prefix. ARGV: made before, how many stay, most of them.
local call, prefix, most = redis.call, KEYS[1], tonumber(ARGV[3])
local old = call('ZCOUNT', prefix .. 'ended', '-inf', ARGV[1])
local count = math.min(most, math.max(old, call('ZCARD', prefix .. 'ended') - ARGV[2]))
local gone = count > 0 and call('ZPOPMIN', prefix .. 'ended', count) or {}
for at = 1, #gone, 2 do
  local id = gone[at]
  local key = prefix .. 'd:' .. id
  local webhook = call('HGET', key, 'w')
  if webhook then
    call('ZREM', prefix .. 'of:' .. webhook, id)
    call('ZREM', prefix .. 'lost:' .. webhook, id)
  end
  call('DEL', key)
end
return #gone / 2
