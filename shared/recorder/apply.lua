-- Decides whether this recorder still holds the lease; if it does, all it made of a page happens in this one step.
-- KEYS: lease, log. ARGV: token, lease ms, then operations:
--   fact <name> <at> <data> | do <n> <command…> | once <hash> <field> <value> <n> <n arguments of operations to skip>
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local i, last = 3, #ARGV
while i <= last do
  local op = ARGV[i]
  if op == 'fact' then
    redis.call('XADD', KEYS[2], '*', 'n', ARGV[i + 1], 't', ARGV[i + 2], 'd', ARGV[i + 3])
    i = i + 4
  elseif op == 'do' then
    local n = tonumber(ARGV[i + 1])
    redis.call(unpack(ARGV, i + 2, i + 1 + n))
    i = i + 2 + n
  else
    local isNew = redis.call('HSETNX', ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]) == 1
    i = i + 5
    if not isNew then i = i + tonumber(ARGV[i - 1]) end
  end
end
return 1
