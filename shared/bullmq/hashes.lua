-- Answers the asked fields of many jobs of one queue, in the order asked; false for what is no hash.
-- KEYS: the queue's prefix. ARGV: number of fields, the fields, the ids
local count = tonumber(ARGV[1])
local fields = {}
for i = 1, count do fields[i] = ARGV[1 + i] end
local rows = {}
for i = 2 + count, #ARGV do
  local values = redis.pcall('HMGET', KEYS[1] .. ARGV[i], unpack(fields))
  rows[#rows + 1] = not values.err and values
end
return rows
