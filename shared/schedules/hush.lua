-- Decides which run an event becomes part of while its kind is not quiet: the one that gathers those of its key, or a new one.
-- KEYS: versions state open quiet due runs reacted. ARGV: id, version, when the schedule was made, key of the events, key of a
-- new run, the claim as JSON, when it is quiet, most claims, most runs ('' any). Answers the key of the run, 0 when the schedule
-- is not as it was read, -1 when there is no room.
local call, id = redis.call, ARGV[1]
local before = call('GET', KEYS[7])
if before then return before end
if tonumber(call('ZSCORE', KEYS[1], id) or '-1') ~= tonumber(ARGV[2]) then return 0 end
local made = call('HGET', KEYS[2], 'made')
-- Another schedule had this id. One whose state was lost goes on with its claims.
if made and made ~= ARGV[3] then call('DEL', KEYS[2], KEYS[3], KEYS[4]) end
if made ~= ARGV[3] then call('HSET', KEYS[2], 'made', ARGV[3]) end
local run = call('HGET', KEYS[4], ARGV[4])
if not run or call('HEXISTS', KEYS[3], run) == 0 then
  if call('HLEN', KEYS[3]) >= tonumber(ARGV[8]) then return -1 end
  if ARGV[9] ~= '' and tonumber(call('HGET', KEYS[2], 'runs') or '0') >= tonumber(ARGV[9]) then return -1 end
  run = ARGV[5]
  call('HSET', KEYS[4], ARGV[4], run)
  call('HINCRBY', KEYS[2], 'runs', 1)
  call('HINCRBY', KEYS[2], 'turn', 1)
end
call('HSET', KEYS[3], run, ARGV[6])
call('SET', KEYS[7], run, 'PX', 86400000)
call('ZADD', KEYS[5], 'LT', ARGV[7], id)
return run
