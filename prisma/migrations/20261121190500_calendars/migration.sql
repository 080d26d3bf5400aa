-- What was imported before instruments had a calendar trades when its exchange does.

UPDATE instruments SET calendar = CASE zone
    WHEN 'America/New_York' THEN 'US_STOCKS'::market_calendar
    WHEN 'Asia/Shanghai' THEN 'CN_STOCKS'::market_calendar
    ELSE calendar END
  WHERE source = 'IMPORTED';
