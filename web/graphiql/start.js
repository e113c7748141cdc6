// Put a token into the "Headers" tab: {"Authorization": "Bearer …"}. Without one you are the public.
const first = `# Anyone may ask this. To act in a role, paste one of the tokens that the
# server printed at its start into the Headers tab below:
# {"Authorization": "Bearer …"}
{
  serviceConfig { version }
  map { regions { kato name counts { total } } }
}
`;
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
    defaultQuery: first,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: "headers",
  }),
);
