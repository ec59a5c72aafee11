-- Decides when a job of the queue was last taken, from the newest events; their contents, which may be large, stay here.
-- KEYS: events. ARGV: how many events to look at. Answers epoch ms, or '' where none of them is a job being taken.
local entries = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', ARGV[1])
for _, entry in ipairs(entries) do
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == 'event' and fields[i + 1] == 'active' then return string.match(entry[1], '^%d+') end
  end
end
return ''
