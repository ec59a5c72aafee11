-- Makes many jobs of a queue at once, in the shape BullMQ stores them, without events: the past that growth is measured on.
-- KEYS: prefix, list or set, meta. ARGV: first number, how many, `wait` or `failed`, data, epoch ms, name
local prefix, place, first, count = KEYS[1], KEYS[2], tonumber(ARGV[1]), tonumber(ARGV[2])
local failed, opts = ARGV[3] == 'failed', '{"attempts":3}'
for n = first, first + count - 1 do
  local id = 'old-' .. n
  if failed then
    redis.call('HSET', prefix .. id, 'name', ARGV[6], 'data', ARGV[4], 'opts', opts, 'timestamp', ARGV[5], 'delay', 0, 'priority', 0,
      'atm', 3, 'ats', 3, 'processedOn', ARGV[5], 'finishedOn', ARGV[5], 'failedReason', 'no such mailbox')
    redis.call('ZADD', place, ARGV[5], id)
  else
    redis.call('HSET', prefix .. id, 'name', ARGV[6], 'data', ARGV[4], 'opts', opts, 'timestamp', ARGV[5], 'delay', 0, 'priority', 0)
    redis.call('LPUSH', place, id)
  end
end
return count
