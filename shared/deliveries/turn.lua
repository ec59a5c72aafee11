-- Decides whether it is this delivery's turn among those of one order: the ones before it have arrived or were given up.
-- KEYS: prefix. ARGV: id, webhook.
local order = redis.call('HGET', KEYS[1] .. 'd:' .. ARGV[1], 'o')
if not order then return 1 end
local list = KEYS[1] .. 'order:' .. ARGV[2] .. ':' .. order
for _ = 1, 1000 do
  local first = redis.call('LINDEX', list, 0)
  if not first or first == ARGV[1] then return 1 end
  local status = redis.call('HGET', KEYS[1] .. 'd:' .. first, 's')
  if status == 'pending' or status == 'failed' then return 0 end
  redis.call('LPOP', list)
end
return 0
