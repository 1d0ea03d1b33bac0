//! List prices, from `bench/prices.json`.

use serde::Deserialize;

/// The price of one thing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// What the price is for.
    pub unit: String,
    /// How many of them it is for.
    pub per: f64,
    /// Prices by the quantity of a month, in ascending order. The last tier has no end.
    pub tiers: Vec<Tier>,
    /// AWS's page that lists it.
    pub source: String,
    /// Date of the document that the price was taken from or compared with, which is not always AWS's page.
    pub as_of: String,
}

/// A range of quantities with the same price.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// End of the range, in units of the price.
    pub up_to: Option<f64>,
    /// Dollars.
    pub price: f64,
}

impl Price {
    /// Returns the dollars for the quantity of a month.
    #[must_use]
    pub fn of(&self, quantity: f64) -> f64 {
        let units = quantity / self.per;
        let (mut dollars, mut start) = (0.0, 0.0);
        for Tier { up_to, price } in &self.tiers {
            let end = up_to.unwrap_or(f64::INFINITY).min(units);
            dollars += (end - start).max(0.0) * price;
            start = end.max(start);
        }
        dollars
    }
}

/// Every price of the bill, in us-east-1.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the file describes each price")]
pub struct Prices {
    pub http_api_requests: Price,
    pub lambda_requests: Price,
    pub lambda_duration: Price,
    pub dynamodb_reads: Price,
    pub dynamodb_writes: Price,
    pub dynamodb_provisioned_reads: Price,
    pub dynamodb_provisioned_writes: Price,
    pub dynamodb_storage: Price,
    pub dynamodb_backup: Price,
    pub vended_logs: Price,
    pub vended_logs_infrequent: Price,
    pub custom_logs: Price,
    pub log_storage: Price,
    pub metrics: Price,
    pub alarms: Price,
    pub dashboards: Price,
    pub traces: Price,
    pub data_sent: Price,
    pub cognito_applications: Price,
    pub cognito_tokens: Price,
    pub fargate_cpu: Price,
    pub fargate_memory: Price,
    pub load_balancer_hours: Price,
    pub load_balancer_units: Price,
    pub public_addresses: Price,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(per: f64, tiers: &[(Option<f64>, f64)]) -> Price {
        let tiers = tiers.iter().map(|(up_to, price)| Tier { up_to: *up_to, price: *price }).collect();
        Price { unit: String::new(), per, tiers, source: String::new(), as_of: String::new() }
    }

    fn assert_dollars(price: &Price, quantity: f64, expected: f64) {
        let dollars = price.of(quantity);
        assert!((dollars - expected).abs() < 1e-9, "{quantity}: {dollars}, not {expected}");
    }

    #[test]
    fn a_tier_ends_at_its_boundary() {
        let price = price(1.0, &[(Some(10.0), 0.5), (Some(30.0), 0.25), (None, 0.1)]);
        for (quantity, dollars) in [(0.0, 0.0), (9.0, 4.5), (10.0, 5.0), (11.0, 5.25), (30.0, 10.0), (40.0, 11.0)] {
            assert_dollars(&price, quantity, dollars);
        }
    }

    #[test]
    fn a_free_tier_costs_nothing() {
        let traces = price(1e6, &[(Some(0.1), 0.0), (None, 5.0)]);
        for (quantity, dollars) in [(1e5, 0.0), (1.1e6, 5.0)] {
            assert_dollars(&traces, quantity, dollars);
        }
    }

    #[test]
    fn a_price_counts_in_its_unit() {
        let requests = price(1e6, &[(Some(300.0), 1.0), (None, 0.9)]);
        assert_dollars(&requests, 3e8, 300.0);
        assert_dollars(&requests, 3.01e8, 300.9);
    }
}
