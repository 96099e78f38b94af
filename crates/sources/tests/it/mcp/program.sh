# A server with sessions as a program, which does what the name of the tool says.
say() { printf '{"jsonrpc":"2.0","id":%s,%s}\n' "$id" "$1"; }
text() { say "\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"$1\"}]}"; }
echo "Welcome to the program!"
echo "starting" >&2
while read -r line; do
    id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
    case $line in
    *'"server/discover"'*) if [ "$1" = quits ]; then exit 4; fi; say '"error":{"code":-32601,"message":"no"}' ;;
    *'"initialize"'*)
        say '"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"shell","version":"1"}}'
        ;;
    *'"tools/list"'*) say '"result":{"tools":[{"name":"environment","inputSchema":{"type":"object"}}]}' ;;
    *'"environment"'*) text "$(env | sed 's/=.*//' | sort | tr '\n' ' ')" ;;
    *'"secret"'*) text "$$ $KEY $PLAIN" ;;
    *'"folders"'*) text "$HOME $XDG_CACHE_HOME $TMPDIR $(pwd)" ;;
    *'"limits"'*) text "$(ulimit -c) $(ulimit -n)" ;;
    *'"child"'*)
        sleep 600 &
        text "$$ $!"
        ;;
    *'"talks"'*)
        echo "let me see"
        echo '{"not": "a message"}'
        text "done"
        ;;
    *'"crashes"'*)
        echo "cannot go on" >&2
        exit 7
        ;;
    *'"hangs"'*) ;;
    *'"other-id"'*)
        id=4711
        text "to another"
        ;;
    *'"huge"'*)
        head -c 17825792 /dev/zero | tr '\0' x
        echo
        ;;
    esac
done
