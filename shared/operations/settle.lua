-- Lets an operation end, or rest in a pause: for who holds it, or while nobody does.
-- KEYS: operation open items results events. ARGV: id, fence ('' none), now, status, reason, when it goes ('' not yet), when its
-- items go, until when it may be undone ('' not), how many slices of the items that were gone through are kept ('' all there
-- are), then facts as head and data
-- Answers 1, or 0 when another holds it, -3 when it has ended.
-- Leaves so many slices of the items, spread over those that were gone through.
local function thin(most)
  local chunk, offset = unpack(redis.call('HMGET', KEYS[1], 'chunk', 'offset'))
  local last = (tonumber(offset or '') or 0) > 0 and tonumber(chunk or '') or (tonumber(chunk or '') or 0) - 1
  local begun = {}
  for _, slice in ipairs(redis.call('HKEYS', KEYS[3])) do
    if tonumber(slice) <= last then begun[#begun + 1] = tonumber(slice) else redis.call('HDEL', KEYS[3], slice) end
  end
  if #begun <= most then return end
  table.sort(begun)
  local kept = {}
  for n = 0, most - 1 do kept[begun[math.floor((n + 0.5) * #begun / most) + 1]] = true end
  for _, slice in ipairs(begun) do
    if not kept[slice] then redis.call('HDEL', KEYS[3], slice) end
  end
end

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
  if ARGV[9] ~= '' then thin(tonumber(ARGV[9])) end
  redis.call('PEXPIREAT', KEYS[3], ARGV[7])
end
for i = 10, #ARGV, 2 do redis.call('XADD', KEYS[5], '*', ARGV[i], ARGV[i + 1]) end
return 1
