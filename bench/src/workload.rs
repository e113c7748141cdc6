//! What is asked: a GraphQL document, and the statements a server must send for it at least.

use std::path::{Path, PathBuf};

/// Scripts `pgbench` chooses from at random, each with a BIN of its own; it takes at most 128.
const SCRIPTS: usize = 64;

/// One kind of request.
pub struct Workload {
    /// Name in the table.
    pub name: &'static str,
    query: &'static str,
    sql: String,
    /// Whether the least server answers it too.
    pub plain: bool,
}

const ENTERPRISE: &str = "SELECT id, organisation_id, bin, name_kk, name_ru, name_en, name_sort, search_fold, kato, region_kato, oked, \
oked_section, headcount, lon_micro, lat_micro, valid_from, valid_to, demo, level_rank, integral_pr_micro, weighted_pr_micro, \
workers_d1, workers_d2, workers_d3, workers_d4, workers_d5, workplaces_d1, workplaces_d2, workplaces_d3, workplaces_d4, \
workplaces_d5, assessed_on, rule_set_code, version, created_at, updated_at FROM enterprise";

/// One enterprise.
pub const BY_BIN: &str = "{ENTERPRISE} WHERE bin = '{BIN}'";
/// Fifty enterprises, and the one that tells of more.
pub const PAGE: &str = "{ENTERPRISE} ORDER BY name_sort, id LIMIT 51";
/// The first ten workplaces of each parent, and the one that tells of more.
pub const WORKPLACES: &str = "SELECT children.* FROM unnest({PARENTS}) AS parents INNER JOIN LATERAL (SELECT workplace.* FROM workplace \
WHERE workplace.enterprise_id = parents.parents ORDER BY workplace.code LIMIT 11) AS children ON TRUE ORDER BY children.code";

const FIRST_FIFTY: &str = "ARRAY(SELECT id FROM enterprise ORDER BY name_sort, id LIMIT 50)";
const THE_ONE: &str = "ARRAY(SELECT id FROM enterprise WHERE bin = '{BIN}')";

/// All kinds.
pub fn all() -> [Workload; 4] {
    let of = |parents: &str| WORKPLACES.replace("{PARENTS}", parents);
    [
        Workload {
            name: "enterprise by BIN",
            query: "query($bin: Bin!) { enterprise(by: {bin: $bin}) { id bin name level degree headcount } }",
            sql: written_out(BY_BIN),
            plain: true,
        },
        Workload {
            name: "page of 50 enterprises with 10 workplaces each",
            query: "{ enterprises(first: 50) { nodes { id bin name level workplaces(first: 10) { nodes { id code name degree workers } } } } }",
            sql: format!("{};\n{}", written_out(PAGE), of(FIRST_FIFTY)),
            plain: true,
        },
        Workload {
            name: "passport with degree, guarantees, tariff",
            query: "query($bin: Bin!) { enterprise(by: {bin: $bin}) { name level degree integralPr tariff { riskClass ratePercent coefficient correctedRatePercent } workplaces(first: 10) { nodes { name degree guaranteesDue { items { kind } } } } } }",
            sql: format!(
                "{};\nSELECT id, enterprise_id, oked FROM enterprise_activity WHERE enterprise_id = ANY({THE_ONE});\n{};\n\
                 SELECT assessment.* FROM assessment WHERE current AND workplace_id = ANY(ARRAY(SELECT id FROM workplace \
                 WHERE enterprise_id = ANY({THE_ONE}) ORDER BY code LIMIT 10))",
                written_out(BY_BIN),
                of(THE_ONE)
            ),
            plain: false,
        },
        Workload {
            name: "map by region (answers up to 10 s old)",
            query: "{ map { regions { kato name counts { total levels { level enterprises } } } } }",
            sql: "SELECT region_kato, level_rank, COUNT(*), SUM(workers_d1), SUM(workers_d2), SUM(workers_d3), SUM(workers_d4), \
                  SUM(workers_d5) FROM enterprise GROUP BY region_kato, level_rank"
                .to_owned(),
            plain: false,
        },
    ]
}

/// A statement with the columns of an enterprise in place.
pub fn written_out(sql: &str) -> String {
    sql.replace("{ENTERPRISE}", ENTERPRISE)
}

impl Workload {
    /// A script for `wrk`: every request asks for another enterprise. It is written out before the load begins, and no
    /// answer is looked at in Lua: the load must not take more of the machine than it has to.
    pub fn wrk_script(&self, token: &str, bins: &[String], directory: &Path) -> anyhow::Result<PathBuf> {
        let body = |bin: &str| {
            let variables = self.variables(bin);
            lua_string(&serde_json::json!({"query": self.query, "variables": variables}).to_string())
        };
        let asked = if self.query.contains("$bin") { bins } else { bins.get(..1).unwrap_or_default() };
        let bodies: Vec<String> = asked.iter().take(10_000).map(|bin| body(bin)).collect();
        let script = format!(
            "local headers = {{ [\"content-type\"] = \"application/json\", [\"authorization\"] = \"Bearer {token}\" }}\n\
             local requests, at = {{}}, 0\n\
             init = function()\n\
               for number, body in ipairs({{{}}}) do requests[number] = wrk.format(\"POST\", \"/graphql\", headers, body) end\n\
               at = math.random(#requests)\n\
             end\n\
             request = function()\n\
               at = at % #requests + 1\n\
               return requests[at]\n\
             end\n",
            bodies.join(",\n"),
        );
        let path = directory.join("load.lua");
        std::fs::write(&path, script)?;
        Ok(path)
    }

    fn variables(&self, bin: &str) -> serde_json::Value {
        if self.query.contains("$bin") { serde_json::json!({ "bin": bin }) } else { serde_json::Value::Null }
    }

    /// Scripts for `pgbench` with the same statements.
    pub fn pgbench_scripts(&self, bins: &[String], directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let sql = format!("{};", self.sql);
        let count = if sql.contains("{BIN}") { SCRIPTS } else { 1 };
        let mut random = fastrand::Rng::with_seed(7);
        let mut scripts = Vec::new();
        for number in 0..count {
            let bin = random.choice(bins).map_or("", String::as_str);
            let path = directory.join(format!("limit-{number}.sql"));
            std::fs::write(&path, sql.replace("{BIN}", bin))?;
            scripts.push(path);
        }
        Ok(scripts)
    }
}

/// A text between long brackets, which Lua takes as it is.
fn lua_string(text: &str) -> String {
    format!("[==[{text}]==]")
}
