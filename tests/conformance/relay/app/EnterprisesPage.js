// A page as an application would write it: fragments, a list that loads more, a part that loads itself again.
const { graphql } = require('relay-runtime');

graphql`
  query EnterprisesPageQuery($count: Int!, $cursor: String) {
    ...EnterprisesPageList @arguments(count: $count, cursor: $cursor)
  }
`;

graphql`
  fragment EnterprisesPageList on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" })
  @refetchable(queryName: "EnterprisesPageMoreQuery") {
    enterprises(first: $count, after: $cursor, order: NAME) @connection(key: "EnterprisesPage_enterprises") {
      edges {
        node {
          id
          ...EnterprisesPageRow
        }
      }
    }
  }
`;

// Loads itself again by node(id).
graphql`
  fragment EnterprisesPageRow on Enterprise @refetchable(queryName: "EnterprisesPageRowQuery") {
    name(language: EN)
    level
    headcount
    version
  }
`;

graphql`
  mutation EnterprisesPageHeadcountMutation($input: EnterpriseUpdateInput!) {
    enterpriseUpdate(input: $input) {
      enterprise {
        ...EnterprisesPageRow
      }
      userErrors {
        code
        field
      }
    }
  }
`;
