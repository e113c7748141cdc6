//! Who may do what, as words: the vocabulary of the policy files. Which role has which reach is policy, not code.

use crate::named::named;

named! {
    /// The role of a person within one organisation.
    pub enum Role {
        /// Administers the employer's own data.
        EmployerAdmin = "employer_admin",
        /// Records measurements and assessments of the employer.
        SafetyEngineer = "safety_engineer",
        /// Sees the own workplace.
        Worker = "worker",
        /// Trade union or production council, sees the enterprises represented.
        EmployeeRepresentative = "employee_representative",
        /// Specialised organisation, assesses the enterprises that engaged it.
        Assessor = "assessor",
        /// Accident insurer, sees what it insures.
        Insurer = "insurer",
        /// State labour inspector of one region.
        Inspector = "inspector",
        /// The ministry, the whole country.
        Ministry = "ministry",
        /// Situation centre or research institute.
        Analyst = "analyst",
        /// No login: aggregates only.
        Anonymous = "anonymous",
    }
}

named! {
    /// The kind of an organisation (tenant).
    pub enum OrganisationKind {
        /// Employer, has an enterprise.
        Employer = "employer",
        /// Trade union.
        TradeUnion = "trade_union",
        /// Production council with technical inspectors.
        ProductionCouncil = "production_council",
        /// Accredited organisation that attests and assesses workplaces.
        AssessmentOrganisation = "assessment_organisation",
        /// Training centre.
        TrainingCentre = "training_centre",
        /// Medical organisation.
        MedicalOrganisation = "medical_organisation",
        /// State insurance fund (ГФСС), sees all.
        StateFund = "state_fund",
        /// Life insurer (КСЖ), sees what it insures.
        LifeInsurer = "life_insurer",
        /// Labour inspectorate of one region.
        LabourInspectorate = "labour_inspectorate",
        /// Ministry of labour.
        Ministry = "ministry",
        /// Situation and analysis centre (САЦ).
        SituationCentre = "situation_centre",
        /// Research institute for labour protection.
        ResearchInstitute = "research_institute",
        /// Operator of the platform, no domain data.
        Operator = "operator",
    }
}

named! {
    /// Why an organisation may see another's enterprise, for a period.
    pub enum MandateKind {
        /// Union or council represents the workers.
        Represents = "represents",
        /// The enterprise engaged the organisation (assessment, medical, training).
        EngagedBy = "engaged_by",
        /// The organisation insures the enterprise.
        Insures = "insures",
    }
}

named! {
    /// How far a permission goes: which rows it opens.
    pub enum Reach {
        /// The person's own workplace and records.
        SelfOnly = "self",
        /// The organisation's own enterprise.
        Own = "own",
        /// Enterprises represented.
        Represented = "represented",
        /// Enterprises that engaged the organisation.
        Engaged = "engaged",
        /// Enterprises insured.
        Insured = "insured",
        /// Enterprises of the region of jurisdiction.
        Region = "region",
        /// The whole country.
        National = "national",
        /// No rows, sums only.
        Aggregate = "aggregate",
    }
}

named! {
    /// What is done to a resource.
    pub enum Action {
        /// See.
        Read = "read",
        /// Add a new one.
        Create = "create",
        /// Change an existing one.
        Update = "update",
    }
}

named! {
    /// The kind of thing a permission is about.
    pub enum Resource {
        /// The caller's own person, memberships and mandates.
        Account = "account",
        /// Reference rows and rule sets.
        Reference = "reference",
        /// Enterprise.
        Enterprise = "enterprise",
        /// Unit of an enterprise.
        Unit = "unit",
        /// Workplace.
        Workplace = "workplace",
        /// Harmful factor assigned to a workplace.
        FactorAssignment = "factor_assignment",
        /// Measurement of a factor.
        Measurement = "measurement",
        /// Assessment of professional risk.
        Assessment = "assessment",
        /// PPE due at a workplace.
        PpeDue = "ppe_due",
        /// Guarantees due at a workplace.
        GuaranteeDue = "guarantee_due",
        /// Insurance class, rate and premium inputs.
        Tariff = "tariff",
        /// Digital map by region.
        Map = "map",
        /// Passport of an enterprise.
        Passport = "passport",
    }
}
