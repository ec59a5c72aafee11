-- Names the children a parent has, awaited ones first, a bounded number of them.
-- KEYS: dependencies processed failed unsuccessful
-- ARGV: how many to name at most
-- Answers: how many there are, then their keys.
local left = tonumber(ARGV[1])
local all, names, seen = 0, {}, {}

local function take(count, keys)
  all = all + count
  for _, key in ipairs(keys) do
    if left > 0 and not seen[key] then
      seen[key] = true
      names[#names + 1] = key
      left = left - 1
    end
  end
end

-- Chosen by Redis where there are more than asked for: no list is read whole.
local function ofHash(key)
  take(redis.call('HLEN', key), left > 0 and redis.call('HRANDFIELD', key, left) or {})
end
take(redis.call('SCARD', KEYS[1]), left > 0 and redis.call('SRANDMEMBER', KEYS[1], left) or {})
ofHash(KEYS[2])
ofHash(KEYS[3])
take(redis.call('ZCARD', KEYS[4]), left > 0 and redis.call('ZRANGE', KEYS[4], 0, left - 1) or {})
return { all, unpack(names) }
