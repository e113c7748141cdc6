//! The texts of the refusals, one line per language.

use super::RefusalCode;
use crate::localized::Localized;

/// In the place of a code: an indicator lacks everything, not one entry of its catalogue.
pub(super) const NO_FACTOR: &str = "*";
pub(super) const NO_ENTRY: &str = "**";

pub(super) fn template(code: RefusalCode) -> Localized {
    let (kk, ru, en) = of_codes(code)
        .or_else(|| of_references(code))
        .or_else(|| of_measurements(code))
        .unwrap_or_else(|| of_rows(code));
    Localized::new(kk, ru, en)
}

type Texts = (&'static str, &'static str, &'static str);

/// Shape and range of single values.
fn of_codes(code: RefusalCode) -> Option<Texts> {
    use RefusalCode as C;
    Some(match code {
        C::Required => ("Мәнді көрсету қажет", "Укажите значение", "A value is required"),
        C::TooLong => (
            "Мәтін {max} таңбадан аспауы тиіс",
            "Текст не должен превышать {max} знаков",
            "The text must not exceed {max} characters",
        ),
        C::InvalidLength => (
            "{expected} таңба күтілді, {found} таңба берілді",
            "Ожидалось знаков: {expected}, получено: {found}",
            "Expected {expected} characters, found {found}",
        ),
        C::NotDigits => ("Тек цифрларға рұқсат етіледі", "Допускаются только цифры", "Only digits are allowed"),
        C::InvalidChecksum => ("Бақылау цифры қате", "Неверная контрольная цифра", "The check digit is wrong"),
        C::InvalidStructure => (
            "Кодтың құрылымы қате: {part}",
            "Неверная структура кода: {part}",
            "The code has a wrong structure: {part}",
        ),
        C::InvalidFormat => (
            "Мән танылмады, күтілгені: {expected}",
            "Значение не распознано, ожидается: {expected}",
            "The value is not understood, expected: {expected}",
        ),
        C::IdInvalid => (
            "Идентификатор жарамсыз немесе басқа түрге жатады: {expected} күтілген",
            "Идентификатор неверен или другого типа: ожидается {expected}",
            "The id is malformed or of another type: expected {expected}",
        ),
        C::InvalidDate => (
            "Мұндай күн жоқ: күн ЖЖЖЖ-АА-КК түрінде жазылады, мысалы 2026-03-16",
            "Такой даты нет: дата записывается как ГГГГ-ММ-ДД, например 2026-03-16",
            "There is no such date: a date is written YYYY-MM-DD, for example 2026-03-16",
        ),
        C::InvalidDecimal => (
            "Бұл сан емес: сан цифрлармен және нүктемен жазылады, мысалы 3.05",
            "Это не число: число записывается цифрами и точкой, например 3.05",
            "This is not a number: a number is written with digits and a point, for example 3.05",
        ),
        C::TooManyDecimals => (
            "Нүктеден кейінгі таңба тым көп: ең көбі {max}",
            "Слишком много знаков после точки: не более {max}",
            "Too many decimals: at most {max}",
        ),
        C::Negative => {
            ("Мән теріс болмауы тиіс", "Значение не может быть отрицательным", "The value must not be negative")
        }
        C::OutOfRange => (
            "Мән {min} мен {max} аралығында болуы тиіс",
            "Значение должно быть от {min} до {max}",
            "The value must be between {min} and {max}",
        ),
        C::InFuture => {
            ("Күн болашақта болмауы тиіс", "Дата не может быть в будущем", "The date must not be in the future")
        }
        _ => return None,
    })
}

/// References to rows that are not there.
fn of_references(code: RefusalCode) -> Option<Texts> {
    use RefusalCode as C;
    Some(match code {
        C::UnknownTerritory => {
            ("ӘАОЖ коды анықтамалықта жоқ", "Кода КАТО нет в справочнике", "The KATO code is not in the reference data")
        }
        C::UnknownActivity => {
            ("ЭҚЖЖ коды анықтамалықта жоқ", "Кода ОКЭД нет в справочнике", "The OKED code is not in the reference data")
        }
        C::UnknownProfession => {
            ("Кәсіп анықтамалықта жоқ", "Профессии нет в справочнике", "The profession is not in the reference data")
        }
        C::UnknownFactor => (
            "Фактор қағидалар жиынтығының тізбесінде жоқ",
            "Фактора нет в перечне набора правил",
            "The factor is not in the catalogue of the rule set",
        ),
        C::UnknownRuleSet => (
            "Осы күнге қолданылатын қағидалар жиынтығы жоқ",
            "На эту дату нет действующего набора правил",
            "There is no rule set in force on this date",
        ),
        C::UnknownReference => {
            ("Көрсетілген жазба табылмады", "Указанная запись не найдена", "The record referred to was not found")
        }
        C::ActivityClassNotLoaded => (
            "Қызмет түрі үшін кәсіптік тәуекел класы жүктелмеген",
            "Для вида деятельности не загружен класс профессионального риска",
            "No class of professional risk is loaded for the activity",
        ),
        C::TariffRateNotLoaded => (
            "{class}-класс үшін сақтандыру тарифі жүктелмеген",
            "Для класса {class} не загружен страховой тариф",
            "No insurance rate is loaded for class {class}",
        ),
        _ => return None,
    })
}

/// Measurements and assessments.
fn of_measurements(code: RefusalCode) -> Option<Texts> {
    use RefusalCode as C;
    Some(match code {
        C::UnitMismatch => (
            "Өлшем бірлігі сәйкес емес: {expected} күтілді, {found} берілді",
            "Единица измерения не совпадает: ожидалась {expected}, получена {found}",
            "The unit does not match: expected {expected}, found {found}",
        ),
        C::LimitNotLoaded => (
            "Факторға норматив жүктелмеген: зертхана хаттамасындағы еңбек жағдайы класын көрсетіңіз",
            "Для фактора не загружен норматив: укажите класс условий труда из протокола лаборатории",
            "No limit is loaded for the factor: give the class of conditions from the laboratory protocol",
        ),
        C::ObservationNotAccepted => (
            "Бұл фактор үшін мұндай өлшеу қабылданбайды",
            "Для этого фактора такое измерение не принимается",
            "This factor does not take such an observation",
        ),
        C::IndicatorMissing => (
            "{indicator} көрсеткіші үшін деректер жеткіліксіз: {code}",
            "Для показателя {indicator} не хватает данных: {code}",
            "Indicator {indicator} lacks data: {code}",
        ),
        C::Duplicate => ("Мән қайталанған: {value}", "Значение повторяется: {value}", "The value is repeated: {value}"),
        _ => return None,
    })
}

/// Periods, years and the state of the row itself.
fn of_rows(code: RefusalCode) -> Texts {
    use RefusalCode as C;
    match code {
        C::PeriodReversed => {
            ("Кезеңнің соңы басынан бұрын", "Конец периода раньше начала", "The period ends before it begins")
        }
        C::MinimumWageNotLoaded => (
            "{year} жылғы ең төменгі жалақы жүктелмеген",
            "Не загружена минимальная заработная плата на {year} год",
            "The minimum wage of {year} is not loaded",
        ),
        C::NotOwnBin => (
            "Жұмыс беруші тек өз БСН-і бар кәсіпорынды енгізеді; басқаларын министрлік енгізеді",
            "Работодатель вносит только предприятие со своим БИН; остальные вносит министерство",
            "An employer enters only the enterprise with its own BIN; the ministry enters others",
        ),
        C::Conflict => (
            "Жазбаны басқа пайдаланушы өзгертті: қайта оқып, әрекетті қайталаңыз",
            "Запись изменена другим пользователем: прочитайте её заново и повторите",
            "The record was changed by someone else: read it again and repeat",
        ),
        C::IdempotencyKeyInvalid => (
            "Кілт 1-ден {max}-ге дейінгі бос орынсыз көрінетін ASCII таңбаларынан тұруы тиіс",
            "Ключ должен состоять из видимых знаков ASCII без пробелов, от 1 до {max}",
            "The key must be 1 to {max} visible ASCII characters without spaces",
        ),
        C::IdempotencyKeyReused => (
            "Бұл кілт басқа деректермен жіберілген: жаңа сұрауға жаңа кілт қажет",
            "Этот ключ уже отправлен с другими данными: для нового запроса нужен новый ключ",
            "This key was sent with another input before: a new request needs a new key",
        ),
        C::NotFound => ("Жазба табылмады", "Запись не найдена", "The record was not found"),
        C::NothingToChange => ("Өзгертетін ештеңе жоқ", "Нечего изменять", "There is nothing to change"),
        C::WrongState => (
            "Жазбаның ағымдағы күйінде әрекет мүмкін емес: {state}",
            "Действие невозможно в текущем состоянии записи: {state}",
            "The state of the record does not allow this: {state}",
        ),
        _ => (
            "Бұл мәнмен тіркеу мүмкін емес",
            "Регистрация с этим значением невозможна",
            "Registration with this value is not possible",
        ),
    }
}

/// Words that fill a place of a text and are themselves in a language: the parts of a code, and that an indicator
/// lacks everything.
pub(super) fn word(place: &str, text: &str) -> Option<Localized> {
    let (kk, ru, en) = match (place, text) {
        ("code", NO_FACTOR) => {
            ("бірде-бір фактор өлшенбеген", "не измерен ни один фактор", "no factor has been measured")
        }
        ("code", NO_ENTRY) => ("ештеңе көрсетілмеген", "ничего не указано", "nothing is given"),
        ("part", text) => part(text)?,
        _ => return None,
    };
    Some(Localized::new(kk, ru, en))
}

fn part(text: &str) -> Option<Texts> {
    Some(match text {
        "month" => ("ай", "месяц", "month"),
        "kind of organisation" => ("ұйым түрі", "вид организации", "kind of organisation"),
        "kind of part" => ("бөлімше белгісі", "признак подразделения", "kind of part"),
        "date of birth" => ("туған күні", "дата рождения", "date of birth"),
        "century" => ("ғасыр", "век", "century"),
        "region" => ("өңір", "регион", "region"),
        "section" => ("секция", "секция", "section"),
        "division" => ("бөлім", "раздел", "division"),
        "code" => ("код", "код", "code"),
        _ => return None,
    })
}
