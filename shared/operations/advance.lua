-- Writes how far an operation is, with the results and facts that belong to it, for who holds it.
-- KEYS: operation open results events. ARGV: id, fence, end of the lease, how many results are kept, how many facts may
-- share an entry, then four lists, each after its length: fields and values to set, fields and numbers to add, results, facts
-- as head and lines of data.
-- Answers what is wanted and the pace ('' none), or false when another holds it.
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[2] then return false end
local at = 6
local function list()
  local first, last = at + 1, at + tonumber(ARGV[at])
  at = last + 1
  return first, last
end
redis.call('HSET', KEYS[1], 'lease', ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
local first, last = list()
for i = first, last, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
first, last = list()
for i = first, last, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
first, last = list()
local room = last < first and 0 or tonumber(ARGV[4]) - redis.call('LLEN', KEYS[3])
for i = first, math.min(last, first + room - 1) do redis.call('RPUSH', KEYS[3], ARGV[i]) end
first, last = list()
local entry = {}
local function write()
  if #entry > 0 then redis.call('XADD', KEYS[4], '*', unpack(entry)) end
  entry = {}
end
for i = first, last, 2 do
  for data in string.gmatch(ARGV[i + 1], '[^\n]+') do
    entry[#entry + 1], entry[#entry + 2] = ARGV[i], data
    if #entry == 2 * ARGV[5] then write() end
  end
end
write()
local control = redis.call('HMGET', KEYS[1], 'wanted', 'pace')
return { control[1] or '', control[2] or '' }
