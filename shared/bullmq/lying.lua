-- Decides which members of a failed set are dead letters, of some names or of any.
-- KEYS: prefix failed. ARGV: 1 when the members are not known to be in the set, names as JSON ('' any), ids as JSON
-- Answers a number for each: 0 for what is none, else the moment of its death, or -1 where its hash does not tell.
local ids = cjson.decode(ARGV[3])
local wanted = ARGV[2] ~= '' and {}
if wanted then for _, name in ipairs(cjson.decode(ARGV[2])) do wanted[name] = true end end
local places = ARGV[1] == '1' and redis.pcall('ZMSCORE', KEYS[2], unpack(ids))

local function lying(at, id)
  if places and (places.err or not places[at]) then return 0 end
  local hash = redis.pcall('HMGET', KEYS[1] .. id, 'name', 'timestamp', 'finishedOn', 'k1nCancelled')
  if hash.err or hash[4] or not (hash[1] or hash[2]) then return 0 end
  if wanted and not wanted[hash[1] or ''] then return 0 end
  local moment = tonumber(hash[3] or '')
  return moment and moment >= 1 and moment <= 253402300799999 and math.floor(moment) or -1
end

local answers = {}
for at, id in ipairs(ids) do answers[at] = lying(at, id) end
return answers
