-- Decides whether a schedule still stands as it was read; if so claims its slots, tells which are passed over, and says when to
-- look at it next, in one step.
-- KEYS: versions state open running due next order runs history events heard awaited minute throttle reacted. ARGV: id, version, when
-- the schedule was made, newest slot decided about ('' none) as it was read and as it becomes, next slot ('' none), when to look
-- again ('' never), runs and skipped slots to add, ages in s of history and figures, 1 when a slot waits for a job to end
-- ('' else), runs as they were read ('' any), the run that must not be there yet ('' none), who is let in by a throttle ('' no
-- throttle) and for how many ms, 1 when the record is carried out as it says now ('' else), the turn as it was read, 1 when what
-- starts depends on what others claimed ('' else), 1 when an event is decided about ('' else) and the run that it becomes part of
-- ('' none), then four lists, each after its length: claims (key, JSON), claims to drop, entries of history (key, time, JSON),
-- facts (head, data); and at the end counters (field, by).
-- Answers 1, or 0 when it does not, 2 when the run is there, 3 when the throttle let in another, 4 when the event came before and
-- became part of no run.
local call, id = redis.call, ARGV[1]
local isEvent = ARGV[20] ~= ''
local before = isEvent and call('GET', KEYS[15])
if before then return before == '' and 4 or 2 end
if tonumber(call('ZSCORE', KEYS[1], id) or '-1') ~= tonumber(ARGV[2]) then return 0 end
local made, last = unpack(call('HMGET', KEYS[2], 'made', 'last'))
-- Another schedule had this id. One whose state was lost goes on with its claims.
local isNew = made and made ~= ARGV[3]
if ((not isNew and last) or '') ~= ARGV[4] then return 0 end
if ARGV[13] ~= '' and tonumber((not isNew and call('HGET', KEYS[2], 'runs')) or '0') ~= tonumber(ARGV[13]) then return 0 end
if ARGV[14] ~= '' and not isNew then
  if call('HEXISTS', KEYS[3], ARGV[14]) == 1 then return 2 end
  if not isEvent and call('HEXISTS', KEYS[8], ARGV[14]) == 1 then return 2 end
end
if ARGV[15] ~= '' and (call('GET', KEYS[14]) or ARGV[15]) ~= ARGV[15] then
  if isEvent then call('SET', KEYS[15], '', 'PX', 86400000) end
  return 3
end
local isLatest = ((not isNew and call('HGET', KEYS[2], 'turn')) or '0') == ARGV[18]
local at = 22
local function list()
  local first, size = at + 1, tonumber(ARGV[at])
  at = first + size
  return first, first + size - 1
end
local firstClaim, lastClaim = list()
local firstDrop, lastDrop = list()
local changes = lastClaim >= firstClaim or lastDrop >= firstDrop
if ARGV[19] ~= '' and changes and not isLatest then return 0 end
for i = firstDrop, lastDrop do
  if isNew or call('HEXISTS', KEYS[3], ARGV[i]) == 0 then return 0 end
end
if isNew then call('DEL', KEYS[2], KEYS[3], KEYS[4]) end
for i = firstClaim, lastClaim, 2 do call('HSETNX', KEYS[3], ARGV[i], ARGV[i + 1]) end
for i = firstDrop, lastDrop do call('HDEL', KEYS[3], ARGV[i]) end
call('HSET', KEYS[2], 'made', ARGV[3], 'next', ARGV[6])
if changes then call('HINCRBY', KEYS[2], 'turn', 1) end
if ARGV[17] ~= '' then call('HSET', KEYS[11], id, ARGV[2]) end
if ARGV[15] ~= '' and lastClaim >= firstClaim then call('SET', KEYS[14], ARGV[15], 'PX', ARGV[16], 'NX') end
if isEvent then call('SET', KEYS[15], ARGV[21], 'PX', 86400000) end
if ARGV[12] ~= '' then call('HSET', KEYS[12], id, ARGV[12]) end
if ARGV[5] ~= '' then call('HSET', KEYS[2], 'last', ARGV[5]) end
if ARGV[8] ~= '0' then call('HINCRBY', KEYS[2], 'runs', ARGV[8]) end
if ARGV[9] ~= '0' then call('HINCRBY', KEYS[2], 'skipped', ARGV[9]) end
if ARGV[6] == '' then call('ZREM', KEYS[6], id) else call('ZADD', KEYS[6], ARGV[6], id) end
-- What others claimed since it was read keeps its time.
if not isLatest then
  if ARGV[7] ~= '' then call('ZADD', KEYS[5], 'LT', ARGV[7], id) end
elseif ARGV[7] == '' then
  call('ZREM', KEYS[5], id)
else
  call('ZADD', KEYS[5], ARGV[7], id)
end
local first, final = list()
for i = first, final, 3 do
  call('HSET', KEYS[8], ARGV[i], ARGV[i + 2])
  call('ZADD', KEYS[7], ARGV[i + 1], ARGV[i])
  call('ZADD', KEYS[9], ARGV[i + 1], id .. ' ' .. ARGV[i])
end
if final >= first then
  call('EXPIRE', KEYS[7], ARGV[10])
  call('EXPIRE', KEYS[8], ARGV[10])
end
first, final = list()
for i = first, final, 2 do call('XADD', KEYS[10], '*', ARGV[i], ARGV[i + 1]) end
if at <= #ARGV then
  for i = at, #ARGV, 2 do call('HINCRBY', KEYS[13], ARGV[i], ARGV[i + 1]) end
  call('EXPIRE', KEYS[13], ARGV[11])
end
return 1
