-- Tells that the job of a claim was made, or could not be: the claim goes, its run is written down with its fact, once.
-- KEYS: state open running due order runs history events minute. ARGV: id, key of the claim, its time, the run as JSON, what
-- is remembered of it as the last run ('' nothing), the job's address where others must not run beside it ('' else), from when
-- on they must not, how many of those are kept, when to look again once no claim is left ('' never), runs and skipped slots to
-- add, ms it was late, ages in s of history and figures, head and data of the fact, then counters (field, by). Answers 1, or 0
-- when it was told before.
local call, id, key = redis.call, ARGV[1], ARGV[2]
if call('HDEL', KEYS[2], key) == 0 then return 0 end
call('HSET', KEYS[6], key, ARGV[4])
call('ZADD', KEYS[5], ARGV[3], key)
call('ZADD', KEYS[7], ARGV[3], id .. ' ' .. key)
call('EXPIRE', KEYS[5], ARGV[13])
call('EXPIRE', KEYS[6], ARGV[13])
if ARGV[5] ~= '' then call('HSET', KEYS[1], 'last_run', ARGV[5]) end
if ARGV[10] ~= '0' then
  call('HINCRBY', KEYS[1], 'runs', ARGV[10])
  call('HINCRBY', KEYS[1], 'turn', 1)
end
if ARGV[11] ~= '0' then call('HINCRBY', KEYS[1], 'skipped', ARGV[11]) end
if ARGV[6] ~= '' then
  call('ZADD', KEYS[3], ARGV[7], ARGV[6])
  call('ZREMRANGEBYRANK', KEYS[3], 0, -ARGV[8] - 1)
end
if call('HLEN', KEYS[2]) == 0 then
  if ARGV[9] == '' then call('ZREM', KEYS[4], id) else call('ZADD', KEYS[4], ARGV[9], id) end
end
call('XADD', KEYS[8], '*', ARGV[15], ARGV[16])
local late = tonumber(ARGV[12])
if late > tonumber(call('HGET', KEYS[9], 'late_max') or '-1') then call('HSET', KEYS[9], 'late_max', late) end
for i = 17, #ARGV, 2 do call('HINCRBY', KEYS[9], ARGV[i], ARGV[i + 1]) end
call('EXPIRE', KEYS[9], ARGV[14])
return 1
