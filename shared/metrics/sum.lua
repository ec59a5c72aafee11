-- Adds up what was counted in some minutes: for each piece of minutes a flat list of names and sums.
-- KEYS: hashes of minutes, piece after piece; their fields are `<queue>|<name>`.
-- ARGV: 'all', 'some' or 'each'; how many pieces; the size of each; after 'some' the queues that are counted.
-- 'each' answers by field, the others by name over queues.
local by, pieces = ARGV[1], tonumber(ARGV[2])
local wanted = {}
for i = 3 + pieces, #ARGV do wanted[ARGV[i]] = true end
local names = {}
local function nameOf(field)
  if by == 'each' then return field end
  local queue, name = string.match(field, '^(.*)|([^|]*)$')
  return queue and (by == 'all' or wanted[queue]) and name or false
end
local key, answer = 0, {}
for piece = 1, pieces do
  local sums, flat = {}, {}
  for _ = 1, tonumber(ARGV[2 + piece]) do
    key = key + 1
    local hash = redis.call('HGETALL', KEYS[key])
    for i = 1, #hash, 2 do
      local name = names[hash[i]]
      if name == nil then
        name = nameOf(hash[i])
        names[hash[i]] = name
      end
      if name then sums[name] = (sums[name] or 0) + tonumber(hash[i + 1]) end
    end
  end
  for name, sum in pairs(sums) do
    flat[#flat + 1] = name
    flat[#flat + 1] = sum
  end
  answer[piece] = flat
end
return answer
