-- Answers the asked fields of some jobs of one queue, from the first on, until they are too many bytes in all: the rest is
-- asked for again. False for what is no hash.
-- KEYS: the queue's prefix. ARGV: most bytes, number of fields, the fields, the ids
local left, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local fields = {}
for i = 1, count do fields[i] = ARGV[2 + i] end
local rows = {}
for i = 3 + count, #ARGV do
  if left <= 0 then return rows end
  local values = redis.pcall('HMGET', KEYS[1] .. ARGV[i], unpack(fields))
  rows[#rows + 1] = not values.err and values
  for j = 1, #values do left = left - (values[j] and #values[j] or 0) end
end
return rows
