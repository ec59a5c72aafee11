-- Lets an operation end, or rest in a pause: for who holds it, or while nobody does.
-- KEYS: operation open items results events. ARGV: id, fence ('' none), now, status, reason, when it goes ('' not yet), when its
-- items go, until when it may be undone ('' not), how many slices of the items are kept of all ('' all), then facts as head and
-- data
-- Answers 1, or 0 when another holds it, -3 when it has ended.
local now = tonumber(ARGV[3])
local fence, lease, status = unpack(redis.call('HMGET', KEYS[1], 'fence', 'lease', 'status'))
if status ~= 'queued' and status ~= 'running' and status ~= 'paused' then return -3 end
if ARGV[2] == '' and (tonumber(lease or '') or 0) > now then return 0 end
if ARGV[2] ~= '' and ARGV[2] ~= fence then return 0 end
-- Whoever held it until now, and does not know that it is over, must not write any more.
redis.call('HINCRBY', KEYS[1], 'fence', 1)
redis.call('HSET', KEYS[1], 'status', ARGV[4], 'reason', ARGV[5])
redis.call('HDEL', KEYS[1], 'wanted', 'lease', 'phase', 'rate')
redis.call('ZREM', KEYS[2], ARGV[1])
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[1], 'finished', now)
  if ARGV[8] ~= '' then redis.call('HSET', KEYS[1], 'undo_until', ARGV[8]) end
  redis.call('PEXPIREAT', KEYS[1], ARGV[6])
  redis.call('PEXPIREAT', KEYS[4], ARGV[6])
  local most = tonumber(ARGV[9])
  local slices = most and redis.call('HLEN', KEYS[3]) or 0
  if most and slices > most then
    local every = math.ceil(slices / most)
    for _, slice in ipairs(redis.call('HKEYS', KEYS[3])) do
      if tonumber(slice) % every ~= 0 then redis.call('HDEL', KEYS[3], slice) end
    end
  end
  redis.call('PEXPIREAT', KEYS[3], ARGV[7])
end
for i = 10, #ARGV, 2 do redis.call('XADD', KEYS[5], '*', ARGV[i], ARGV[i + 1]) end
return 1
