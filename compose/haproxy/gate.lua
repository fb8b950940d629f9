-- Asks a gate whether a request may pass: GET /auth with the target and method as HAProxy will send them on, the client's address, its
-- Authorization headers and User-Agent, nothing else of the client. 200: txn.packyard_passes is "yes". Any other answer is the client's
-- answer, status, headers and body. No answer, or an error in here: txn.packyard_passes stays unset, and haproxy.cfg refuses the request with 503.
local deadline_ms = 6000
-- What the client hears of a refusal besides the status and the body.
local relayed = {"content-type", "www-authenticate", "retry-after", "allow", "cache-control", "x-packyard-reason", "docker-distribution-api-version"}

local function values(headers, name)
  local found = {}
  local given = headers[name]
  if given then
    for i = 0, #given do found[#found + 1] = given[i] end
  end
  return found
end

local function ask(txn)
  local target = txn.sf:pathq()
  if target == "" then return end
  local given = txn.http:req_get_headers()
  local authorization = values(given, "authorization")
  local headers = {
    ["host"] = {"packyard"},
    ["x-forwarded-uri"] = {target},
    ["x-forwarded-method"] = {txn.sf:method()},
    ["x-forwarded-for"] = {txn.sf:src()},
  }
  -- Which client it is, for the gate's count: printable and short, so that no client can make a question fail.
  local agent = string.match(values(given, "user-agent")[1] or "", "^[ -~]+")
  headers["user-agent"] = {string.sub(agent or "-", 1, 256)}
  -- Two of them are passed on as two: the gate refuses that.
  if #authorization > 0 then headers["authorization"] = authorization end
  local answer = core.httpclient():get{
    url = "http://packyard/auth", dst = txn:get_var("proc.packyard_gates"), headers = headers, timeout = deadline_ms}
  if answer == nil or type(answer.status) ~= "number" or answer.status < 200 then return end
  -- HAProxy's own word that no gate is there: haproxy.cfg says it better.
  if answer.status >= 500 and not answer.headers["retry-after"] then return end
  if answer.status == 200 then
    local warning = values(answer.headers, "x-packyard-warning")[1]
    if warning then txn:set_var("txn.packyard_warning", warning) end
    txn:set_var("txn.packyard_passes", "yes")
    return
  end
  local reply = txn:reply{status = answer.status, body = answer.body}
  for _, name in ipairs(relayed) do
    for _, value in ipairs(values(answer.headers, name)) do reply:add_header(name, value) end
  end
  txn:done(reply)
end

core.register_action("packyard_gate", {"http-req"}, ask, 0)
