import asyncio, re
from datetime import UTC, datetime
from playwright.async_api import async_playwright
from tests.integration.clerk_rows import World
from tests.web.desk import Desk
from docaxis.domain.status import StatusCode as S
async def test_look(desk: Desk):
    w = World()
    subs=["V/v tập trung ứng phó mưa lũ lớn tại Bắc Trung Bộ và Tây Nguyên","V/v chuẩn bị phương án ứng phó mưa lũ vùng hạ du hồ chứa","Về việc thành lập Đoàn công tác kiểm tra ứng phó mưa lũ tại Quảng Trị","Giấy mời họp trực tuyến về công tác phòng chống thiên tai"]
    codes=[("CĐ-BNNMT",3),("BNNMT-TL",1),("QĐ-BNNMT",0),("GM-BNNMT",2)]
    for n in range(24):
        to={"H41":(S.ARRIVED,S.ACCEPTED),"H26":(S.ARRIVED,S.ACCEPTED,S.FINISHED),"H01":() if n%5==0 else (S.ARRIVED,S.ACCEPTED),"H05":(S.ARRIVED,S.REFUSED) if n%7==0 else (S.ARRIVED,)}
        k=w.document(f"d{n}",to,sender="G22",number=str(8700-n*13),notation=codes[n%4][0],subject=subs[n%4],states={"H05":"waiting"} if n==3 else None)
        from docaxis.backends import tables
        w.rows[tables.documents][-1]["priority"]=codes[n%4][1]
        if n%5==0: w.miss(k,"H01",sender="G22")
        else: w.deadline(k)
    for n in range(3):
        k=w.document(f"in{n}",{"G22":()},sender="H26",number=str(100+n),notation="BC-UBND",subject="Báo cáo nhanh tình hình thiệt hại do mưa lũ tính đến 12 giờ")
        w.deadline(k)
    await w.write(desk.database)
    desk.clock.at=datetime(2026,11,20,12,2,tzinfo=UTC)
    await desk.sign_in("clerk","G22")
    await desk.post("/views/save",{"name":"Công điện mưa lũ","address":"/sent?q=mua+lu"})
    url=str(desk.client.make_url("/"))
    async with async_playwright() as p:
        b=await p.chromium.launch(executable_path="/usr/bin/chromium",args=["--no-sandbox"])
        for name,path,width,theme in [("home","",1440,"light"),("home-dark-en","?lang=en",1440,"dark"),("sent","sent?q=ung+pho+mua+lu",1440,"light"),("received","received",1440,"light"),("search","search?q=mua+lu+to:H01",1440,"light"),("views","views?keep=/sent?q=x",1440,"light"),("sent390","sent",390,"light"),("home390","",390,"light"),("home320","",320,"light"),("sent320","sent?since=zz&with=ubnd+tinh",320,"light"),("empty","sent?q=khongco",1440,"light")]:
            c=await b.new_context(viewport={"width":width,"height":900},color_scheme=theme)
            await c.add_cookies([{"name":"docaxis","value":desk.cookie("docaxis"),"url":url}])
            pg=await c.new_page()
            pg.on("console",lambda m:print("console",m.text)); 
            await pg.goto(url+path, wait_until="load", timeout=20000); await pg.wait_for_timeout(300)
            await pg.screenshot(path=f"/tmp/lists/{name}.png",full_page=True)
            print(name, await pg.evaluate("document.documentElement.scrollWidth"), width)
            await c.close()
        await b.close()
