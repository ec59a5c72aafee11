-- Decides how far some streams were written: the newest id each was ever given, also where its entries were trimmed since;
-- the entries, which may be large, stay here.
-- KEYS: streams. Answers an id for each, '' where there is no stream.
local answers = {}
for index, key in ipairs(KEYS) do
  answers[index] = ''
  local about = redis.pcall('XINFO', 'STREAM', key)
  for at = 1, about.err and 0 or #about, 2 do
    if about[at] == 'last-generated-id' then answers[index] = about[at + 1] end
  end
end
return answers
