-- Decides whether this recorder still holds the lease and goes on from where the stream was left; if so, all it made of a
-- page happens in this one step, and once: a list of the keys that were not there to be given their end, 1 when it was done
-- before; 0 lease lost; 2 not where it was left.
-- KEYS: lease, log, cursors, applied. ARGV: token, lease ms, packed operations, stream, from, to, id of the application,
-- run id of the Redis it was made for, ms
-- after which a span is late.
-- Operations:
--   facts <n> <head and data of each> | do <n> <command…> | date <key> <seconds until it may go>
--   add <stream> <stream of what is late> <when the first of its spans began> <text>
--   once <hash> <field> <value> <n> <n values of operations to skip>
--   swap <hash> <field> <value it must have, '' for none> <new value> <n> <n values of operations to skip>
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local call, log = redis.call, KEYS[2]
local stream = ARGV[4]
-- The same application again: its answer was lost on the way and the client sent it once more.
if call('HGET', KEYS[4], stream) == ARGV[7] then return 1 end
-- Redis has lost its newest writes: what was applied since then is to be read again. An application made for a Redis that
-- has ended may tell of what the one that runs now no longer knows.
if (call('HGET', KEYS[3], stream) or '') ~= ARGV[5] then return 2 end
if not string.find(call('INFO', 'server'), 'run_id:' .. ARGV[8], 1, true) then return 2 end
call('HSET', KEYS[3], stream, ARGV[6])
call('HSET', KEYS[4], stream, ARGV[7])
local ops = cmsgpack.unpack(ARGV[3])
local time = call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local missing = {}
local i, last = 1, #ops
while i <= last do
  local op = ops[i]
  if op == 'facts' then
    local n = tonumber(ops[i + 1])
    call('XADD', log, '*', unpack(ops, i + 2, i + 1 + n))
    i = i + 2 + n
  elseif op == 'add' then
    local isLate = now - tonumber(ops[i + 3]) > tonumber(ARGV[9])
    call('XADD', isLate and ops[i + 2] or ops[i + 1], '*', 's', ops[i + 4])
    i = i + 5
  elseif op == 'do' then
    local n = tonumber(ops[i + 1])
    call(unpack(ops, i + 2, i + 1 + n))
    i = i + 2 + n
  elseif op == 'date' then
    if call('EXPIRE', ops[i + 1], ops[i + 2]) == 0 then missing[#missing + 1] = ops[i + 1] end
    i = i + 3
  elseif op == 'swap' then
    local isSame = (call('HGET', ops[i + 1], ops[i + 2]) or '') == ops[i + 3]
    if isSame then call('HSET', ops[i + 1], ops[i + 2], ops[i + 4]) end
    i = i + 6
    if not isSame then i = i + tonumber(ops[i - 1]) end
  else
    local isNew = call('HSETNX', ops[i + 1], ops[i + 2], ops[i + 3]) == 1
    i = i + 5
    if not isNew then i = i + tonumber(ops[i - 1]) end
  end
end
return missing
