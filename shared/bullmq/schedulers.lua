-- Answers for each job scheduler its next time and what it repeats by; 0 for one that is not there whole.
-- KEYS: repeat. ARGV: the ids
local rows = {}
for i, id in ipairs(ARGV) do
  local next = redis.call('ZSCORE', KEYS[1], id)
  local fields = next and redis.pcall('HMGET', KEYS[1] .. ':' .. id, 'name', 'pattern', 'every', 'tz')
  if fields and not fields.err and fields[1] then
    rows[i] = { next, fields[2], fields[3], fields[4] }
  else
    rows[i] = 0
  end
end
return rows
