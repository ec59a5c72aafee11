-- Writes deliveries that are new; one whose endpoint rests goes into its line, one with an order behind those before it.
-- Answers for each: 0 known before, 1 to be sent now, 2 waits in the line, 3 waits for the one before.
-- KEYS: prefix, lines to look at. ARGV: now, then for each: id, webhook, event, type, place in time, order ('' none).
local call, prefix = redis.call, KEYS[1]
local now, answers, looks = tonumber(ARGV[1]), {}, {}
for at = 2, #ARGV, 6 do
  local id, webhook, place, order = ARGV[at], ARGV[at + 1], ARGV[at + 4], ARGV[at + 5]
  local key, answer = prefix .. 'd:' .. id, 0
  if call('EXISTS', key) == 0 then
    answer = 1
    call('HSET', key, 'w', webhook, 'e', ARGV[at + 2], 't', ARGV[at + 3], 'c', ARGV[1], 's', 'pending', 'p', place)
    call('ZADD', prefix .. 'of:' .. webhook, place, id)
    call('ZADD', prefix .. 'open:' .. webhook, place, id)
    if looks[webhook] == nil then looks[webhook] = tonumber(call('ZSCORE', KEYS[2], webhook) or 0) end
    if order ~= '' then
      call('HSET', key, 'o', order)
      if call('RPUSH', prefix .. 'order:' .. webhook .. ':' .. order, id) > 1 then answer = 3 end
    end
    if answer == 1 and looks[webhook] > now then
      call('ZADD', prefix .. 'line:' .. webhook, place, id)
      answer = 2
    end
  end
  answers[#answers + 1] = answer
end
return answers
