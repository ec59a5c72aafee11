-- Puts deliveries back to what they were before they were opened again, where no attempt was made since: nobody's mark is on them.
-- KEYS: prefix. ARGV: ids.
local call, prefix = redis.call, KEYS[1]
for _, id in ipairs(ARGV) do
  local key = prefix .. 'd:' .. id
  local webhook, place, made, status, before = unpack(call('HMGET', key, 'w', 'p', 'c', 's', 'b'))
  if status == 'pending' then
    call('HDEL', key, 'r', 'b')
    if before then call('HSET', key, 's', before) end
    if before and before ~= 'failed' then
      call('ZREM', prefix .. 'open:' .. webhook, id)
      call('ZADD', prefix .. 'ended', made, id)
      if before ~= 'succeeded' then call('ZADD', prefix .. 'lost:' .. webhook, place or 0, id) end
    end
  end
end
return 1
