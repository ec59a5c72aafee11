-- Answers the payloads of some jobs of one queue, from the first on, until they are too many bytes in all: the rest is asked
-- for again. A payload that alone is too long is a number, its length; false where there is none.
-- KEYS: the queue's prefix. ARGV: longest payload, most bytes in all, the ids
local longest, left = tonumber(ARGV[1]), tonumber(ARGV[2])
local rows = {}
for i = 3, #ARGV do
  local key = KEYS[1] .. ARGV[i]
  local length = redis.pcall('HSTRLEN', key, 'data')
  if type(length) ~= 'number' or length == 0 then
    rows[#rows + 1] = false
  elseif length > longest then
    rows[#rows + 1] = length
  else
    if length > left and #rows > 0 then return rows end
    left = left - length
    rows[#rows + 1] = redis.call('HGET', key, 'data')
  end
end
return rows
