-- Answers for each job scheduler all that is kept of it, and whether the job for its next time still waits for that time; 0 for
-- one that is not there. Changes nothing, unlike BullMQ's own getters.
-- KEYS: repeat, delayed. ARGV: longest payload answered, the ids
local rows = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local next, key = redis.call('ZSCORE', KEYS[1], id), KEYS[1] .. ':' .. id
  local fields = next and redis.pcall('HMGET', key, 'name', 'pattern', 'every', 'tz', 'startDate', 'endDate', 'limit', 'ic', 'opts')
  if not next then
    rows[i - 1] = 0
  elseif fields.err then
    rows[i - 1] = { next }
  else
    local isLong = redis.call('HSTRLEN', key, 'data') > tonumber(ARGV[1])
    local waits = redis.call('ZSCORE', KEYS[2], 'repeat:' .. id .. ':' .. next)
    rows[i - 1] = { next, waits and 1 or 0, isLong and 1 or 0, isLong or redis.call('HGET', key, 'data'), unpack(fields) }
  end
end
return rows
