-- Adds up what was counted in some slots of time, as many as come to a bound of fields: how many hashes it read, then for each
-- bucket it touched its number and a flat list of names and sums. A first hash above the bound is left alone: 0 read.
-- KEYS: hashes of slots, bucket after bucket; their fields are `<queue>|<name>`.
-- ARGV: 'all', 'some', 'each' or 'rest'; the bound; the bucket of each hash; after 'some' the queues that are counted.
-- 'each' answers by field, 'rest' by what follows the field's first bar, the others by name over queues.
local by, most = ARGV[1], tonumber(ARGV[2])
local wanted = {}
for i = 3 + #KEYS, #ARGV do wanted[ARGV[i]] = true end
local names = {}
local function nameOf(field)
  if by == 'each' then return field end
  if by == 'rest' then return string.match(field, '|(.*)$') or field end
  local queue, name = string.match(field, '^(.*)|([^|]*)$')
  return queue and (by == 'all' or wanted[queue]) and name or false
end
local order, sums, fields, read = {}, {}, 0, 0
for key = 1, #KEYS do
  fields = fields + redis.call('HLEN', KEYS[key])
  if fields > most then break end
  read = key
  local bucket = ARGV[2 + key]
  if not sums[bucket] then
    sums[bucket] = {}
    order[#order + 1] = bucket
  end
  local into, hash = sums[bucket], redis.call('HGETALL', KEYS[key])
  for i = 1, #hash, 2 do
    local name = names[hash[i]]
    if name == nil then
      name = nameOf(hash[i])
      names[hash[i]] = name
    end
    if name then into[name] = (into[name] or 0) + tonumber(hash[i + 1]) end
  end
end
local answer = { read }
for _, bucket in ipairs(order) do
  local flat = {}
  for name, sum in pairs(sums[bucket]) do
    flat[#flat + 1] = name
    flat[#flat + 1] = sum
  end
  answer[#answer + 1] = bucket
  answer[#answer + 1] = flat
end
return answer
