-- Decides whether this recorder still holds the lease; if it does, all it made of a page happens in this one step.
-- KEYS: lease, log. ARGV: token, lease ms, and packed operations:
--   fact <name> <at> <data> | add <stream> <text> | do <n> <command…>
--   once <hash> <field> <value> <n> <n values of operations to skip>
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local call, log = redis.call, KEYS[2]
local ops = cmsgpack.unpack(ARGV[3])
local i, last = 1, #ops
while i <= last do
  local op = ops[i]
  if op == 'fact' then
    call('XADD', log, '*', 'n', ops[i + 1], 't', ops[i + 2], 'd', ops[i + 3])
    i = i + 4
  elseif op == 'add' then
    call('XADD', ops[i + 1], '*', 's', ops[i + 2])
    i = i + 3
  elseif op == 'do' then
    local n = tonumber(ops[i + 1])
    call(unpack(ops, i + 2, i + 1 + n))
    i = i + 2 + n
  else
    local isNew = call('HSETNX', ops[i + 1], ops[i + 2], ops[i + 3]) == 1
    i = i + 5
    if not isNew then i = i + tonumber(ops[i - 1]) end
  end
end
return 1
