const query = `# Anyone may ask this. To act in a role, choose one above. Elsewhere than in the
# sandbox, put a token into the Headers tab below: {"Authorization": "Bearer …"}
{
  serviceConfig { version }
  map { regions { kato name counts { total } } }
}
`;
const subscription = `# Needs a role. Change the number of workers of an assessed workplace, and this tells of it.
subscription {
  enterpriseLevelChanged { cursor before after enterprise { name } }
}
`;
const socket = new URL("/graphql", location.href);
socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const send = GraphiQL.createFetcher({ url: "/graphql", subscriptionUrl: socket.href });
const element = React.createElement;

// The persons of the sandbox; elsewhere there is no such list, and nothing to choose.
function Persons({ choose }) {
  const [persons, setPersons] = React.useState([]);
  React.useEffect(() => {
    fetch("/graphiql/persons").then((answer) => (answer.ok ? answer.json() : [])).then(setPersons, () => {});
  }, []);
  if (persons.length === 0) return null;
  const options = persons.map(({ subject, token }) => element("option", { key: subject, value: token }, subject));
  const anyone = element("option", { key: "", value: "" }, "the public");
  const onChange = (event) => choose(event.target.value);
  const select = element("select", { id: "persons", onChange }, [anyone, ...options]);
  return element("label", null, "Act as ", select);
}

function Page() {
  const [token, choose] = React.useState("");
  // Of all tabs; what stands in the Headers tab counts before it.
  const chosen = token && { Authorization: `Bearer ${token}` };
  return element(
    GraphiQL,
    {
      fetcher: (parameters, options) => send(parameters, { ...options, headers: { ...chosen, ...options?.headers } }),
      defaultTabs: [{ query }, { query: subscription }],
      shouldPersistHeaders: false,
    },
    element(GraphiQL.Logo, null, element(Persons, { choose })),
  );
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(element(Page));
