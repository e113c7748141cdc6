//! The check digit shared by BIN and IIN (Law on national registers of identification numbers; algorithm PRACTICE).

/// Weights of the first pass.
const FIRST: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/// Weights of the second pass, used when the first gives 10.
const SECOND: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

/// The twelfth digit for the first eleven; `None` when both passes give 10, such a number is never issued.
pub(super) fn check_digit(digits: &[u8]) -> Option<u8> {
    [FIRST, SECOND].iter().find_map(|weights| {
        let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum();
        u8::try_from(sum % 11).ok().filter(|rest| *rest < 10)
    })
}
