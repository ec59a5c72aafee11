-- Decides nothing: circuits as Redis holds them become JSON, '' for a breaker that nothing has happened to.
-- KEYS: circuits.
local texts = {}
for i, key in ipairs(KEYS) do
  local packed = redis.call('GET', key)
  texts[i] = packed and cjson.encode(cmsgpack.unpack(packed)) or ''
end
return texts
